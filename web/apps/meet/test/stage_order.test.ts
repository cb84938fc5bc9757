import { describe, expect, test } from "vitest";

import { arrange, NOBODY, type Order } from "../src/call/stage_order";

const IDS = ["me", "a", "b", "c", "d", "e"];

function scene(room: number, speakerId?: string, ids = IDS) {
  return { ids, localId: "me", speakerId, room };
}

describe("who has a tile", () => {
  test("everybody in the order of coming, where there is room", () => {
    expect(arrange(NOBODY, scene(9)).shown).toEqual(IDS);
  });

  test("the first ones, where there is not", () => {
    expect(arrange(NOBODY, scene(3)).shown).toEqual(["me", "a", "b"]);
  });

  test("a speaker takes the place of who has been silent longest, and nobody else moves", () => {
    let order = arrange(NOBODY, scene(4, "a"));
    order = arrange(order, scene(4, "e"));
    expect(order.shown).toEqual(["me", "a", "b", "e"]);
    order = arrange(order, scene(4, "d"));
    expect(order.shown).toEqual(["me", "a", "d", "e"]);
    order = arrange(order, scene(4, "c"));
    expect(order.shown).toEqual(["me", "c", "d", "e"]);
  });

  test("a speaker who is shown stays where they are", () => {
    const before = arrange(NOBODY, scene(4));
    expect(arrange(before, scene(4, "b")).shown).toEqual(before.shown);
  });

  test("who falls silent stays, and who leaves makes room", () => {
    const before = arrange(NOBODY, scene(4, "e"));
    expect(arrange(before, scene(4)).shown).toEqual(["me", "a", "b", "e"]);
    const ids = IDS.filter((id) => id !== "a");
    expect(arrange(before, scene(4, undefined, ids)).shown).toEqual(["me", "b", "e", "c"]);
  });

  test("nothing new is the same object", () => {
    const before = arrange(NOBODY, scene(4, "e"));
    expect(arrange(before, scene(4, "e"))).toBe(before);
    expect(arrange(arrange(before, scene(9, "e")), scene(9, "e"))).toStrictEqual(
      arrange(before, scene(9, "e")),
    );
  });

  test("with one place it is the speaker's", () => {
    const order: Order = arrange(NOBODY, scene(1, "c"));
    expect(order.shown).toEqual(["c"]);
  });

  test("a speaker who is not there changes nothing", () => {
    expect(arrange(NOBODY, scene(3, "nobody")).shown).toEqual(["me", "a", "b"]);
  });
});
