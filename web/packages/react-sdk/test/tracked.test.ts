import { expect, test } from "vitest";

import { Reader } from "../src/tracked";

interface Fields {
  name: string;
  count: number;
}

function make() {
  const state: Fields = { name: "a", count: 0 };
  const reader = new Reader<Fields>({
    subscribe: () => () => {},
    readers: { name: () => state.name, count: () => state.count },
  });
  return { state, reader };
}

test("the version grows with what was read, and with nothing else", () => {
  const { state, reader } = make();
  const first = reader.version();
  const { count } = reader.createView(first);
  expect(count).toBe(0);
  state.name = "b";
  expect(reader.version()).toBe(first);
  state.count = 1;
  expect(reader.version()).toBe(first + 1);
  expect(reader.version()).toBe(first + 1);
});

test("a view gives what is so now, and may be spread and asked for its fields", () => {
  const { state, reader } = make();
  const view = reader.createView(0);
  state.name = "later";
  expect(view.name).toBe("later");
  expect({ ...view }).toEqual({ name: "later", count: 0 });
  expect(Object.keys(view)).toEqual(["name", "count"]);
  expect("name" in view).toBe(true);
  expect("toString" in view).toBe(false);
  expect((view as unknown as Record<symbol, unknown>)[Symbol.iterator]).toBeUndefined();
  expect(() => Object.assign(view, { name: "x" })).toThrow();
});
