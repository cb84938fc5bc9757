import { expect, test, vi } from "vitest";

import { Emitter } from "@sotto/e2ee";
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

test("a listener that throws neither stops the others nor who speaks, and is reported", async () => {
  const uncaught: unknown[] = [];
  const listener = (error: unknown) => uncaught.push(error);
  const previous = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", listener);
  try {
    const store = createStore({ count: 0 });
    const events = new Emitter<{ said: string }>();
    const [stored, said] = [vi.fn(), vi.fn()];
    store.subscribe(() => {
      throw new Error("store");
    });
    store.subscribe(stored);
    events.on("said", () => {
      throw new Error("event");
    });
    events.on("said", said);
    store.setState({ count: 1 });
    events.emit("said", "hello");
    expect(stored).toHaveBeenCalledTimes(1);
    expect(said).toHaveBeenCalledWith("hello");
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(uncaught.map((error) => (error as Error).message)).toEqual(["store", "event"]);
  } finally {
    process.off("uncaughtException", listener);
    for (const each of previous) process.on("uncaughtException", each);
  }
});
