import { expect, test, vi } from "vitest";

import { createStore } from "../src/store";

test("listeners hear of changes, and only of changes", () => {
  const store = createStore({ count: 0, name: "a" });
  const listener = vi.fn();
  const end = store.subscribe(listener);
  store.setState({ count: 0 });
  expect(listener).not.toHaveBeenCalled();
  store.setState(({ count }) => ({ count: count + 1 }));
  expect(store.getState()).toEqual({ count: 1, name: "a" });
  expect(listener).toHaveBeenCalledTimes(1);
  end();
  store.setState({ count: 5 });
  expect(listener).toHaveBeenCalledTimes(1);
});

test("a listener that ends itself does not hide another", () => {
  const store = createStore({ count: 0 });
  const second = vi.fn();
  const end = store.subscribe(() => end());
  store.subscribe(second);
  store.setState({ count: 1 });
  expect(second).toHaveBeenCalledTimes(1);
});
