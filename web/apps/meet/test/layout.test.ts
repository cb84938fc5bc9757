import { describe, expect, test } from "vitest";

import { type Area, type Box, capacityOf, fitGrid, gridBoxes, screenBoxes } from "../src/call/layout";

const AREAS: [string, Area][] = [
  ["a desktop", { width: 1240, height: 640 }],
  ["a phone", { width: 370, height: 690 }],
  ["a phone on its side", { width: 800, height: 220 }],
  ["a narrow column", { width: 200, height: 900 }],
];

function expectApart(boxes: Box[], area: Area): void {
  boxes.forEach((a, i) => {
    expect(a.left).toBeGreaterThanOrEqual(-0.01);
    expect(a.top).toBeGreaterThanOrEqual(-0.01);
    expect(a.left + a.width).toBeLessThanOrEqual(area.width + 0.01);
    expect(a.top + a.height).toBeLessThanOrEqual(area.height + 0.01);
    for (const b of boxes.slice(i + 1)) {
      const isBeside = a.left + a.width <= b.left || b.left + b.width <= a.left;
      const isAbove = a.top + a.height <= b.top || b.top + b.height <= a.top;
      expect(isBeside || isAbove).toBe(true);
    }
  });
}

describe("the grid", () => {
  test.each([
    [1, 1, 1],
    [2, 2, 1],
    [3, 2, 2],
    [4, 2, 2],
    [5, 3, 2],
    [9, 3, 3],
    [16, 4, 4],
  ])("%i tiles on a desktop are %i by %i", (count, columns, rows) => {
    expect(fitGrid(count, { width: 1240, height: 640 }, 16 / 9)).toMatchObject({ columns, rows });
  });

  test("has larger tiles than any other number of columns", () => {
    for (const [, area] of AREAS)
      for (let count = 1; count <= 16; count++) {
        const { tile } = fitGrid(count, area, 16 / 9, 10);
        for (let columns = 1; columns <= count; columns++) {
          const rows = Math.ceil(count / columns);
          const byWidth = (area.width - 10 * (columns - 1)) / columns;
          const byHeight = ((area.height - 10 * (rows - 1)) / rows) * (16 / 9);
          expect(Math.min(byWidth, byHeight)).toBeLessThanOrEqual(tile.width + 0.01);
        }
      }
  });

  test.each(AREAS)("stays inside of %s without overlapping", (_, area) => {
    for (let count = 1; count <= 16; count++) expectApart(gridBoxes(count, area), area);
  });

  test("centres its last row", () => {
    const [a, b, c] = gridBoxes(3, { width: 1240, height: 640 });
    expect((c?.left ?? 0) + (c?.width ?? 0) / 2).toBeCloseTo(620);
    expect(a?.top).toBe(b?.top);
  });

  test("of nobody, or without room, is empty and throws nothing", () => {
    expect(gridBoxes(0, { width: 100, height: 100 })).toEqual([]);
    for (const box of gridBoxes(3, { width: 0, height: 0 })) expect(box.width).toBe(0);
  });
});

describe("a screen", () => {
  test.each(AREAS)("leaves room for a strip in %s", (_, area) => {
    for (let people = 0; people < capacityOf(area, true); people++)
      expectApart(screenBoxes(people + 1, area), area);
  });

  test("is larger than any other tile", () => {
    const [screen, ...people] = screenBoxes(4, { width: 1240, height: 640 });
    for (const box of people) expect(box.width).toBeLessThan((screen?.width ?? 0) / 3);
  });
});

test("a phone shows fewer people than a desktop", () => {
  expect(capacityOf({ width: 1240, height: 640 }, false)).toBe(16);
  expect(capacityOf({ width: 370, height: 690 }, false)).toBe(8);
});
