import { describe, expect, test } from "vitest";
import { cut, layOut, neighbour, type Rect } from "../src/pages/wall-layout.js";

const WIDE = 16 / 9;
const screen = (width: number, height: number) => ({ width, height, gap: 8 });
const area = (rects: Rect[]) => rects.reduce((sum, rect) => sum + rect.width * rect.height, 0);

function overlaps(a: Rect, b: Rect): boolean {
  const e = 0.01;
  return a.x < b.x + b.width - e && b.x < a.x + a.width - e && a.y < b.y + b.height - e && b.y < a.y + a.height - e;
}

/** What holds of every layout: aspects are kept, nothing overlaps or leaves the width. */
function check(aspects: number[], rects: Rect[], width: number) {
  expect(rects).toHaveLength(aspects.length);
  rects.forEach((rect, index) => {
    expect(rect.width / rect.height).toBeCloseTo(aspects[index] as number, 3);
    expect(rect.x).toBeGreaterThan(-0.01);
    expect(rect.y).toBeGreaterThan(-0.01);
    expect(rect.x + rect.width).toBeLessThan(width + 0.01);
    for (const other of rects.slice(index + 1)) expect(overlaps(rect, other)).toBe(false);
  });
}

describe("every layout keeps aspects, and tiles do not overlap", () => {
  const sets = [
    [WIDE],
    [WIDE, WIDE, WIDE],
    Array.from({ length: 16 }, () => WIDE),
    [4 / 3, WIDE, 9 / 16, 1, 21 / 9, WIDE, 4 / 3],
    Array.from({ length: 40 }, (_, index) => [WIDE, 4 / 3, 0.6][index % 3] as number),
  ];
  for (const space of [screen(390, 700), screen(844, 340), screen(1280, 640), screen(2560, 1300)]) {
    for (const columns of ["auto", 1, 2, 3, 4] as const) {
      for (const big of [null, 0, 2]) {
        test(`${space.width} px, ${columns}, big ${big}`, () => {
          for (const aspects of sets) {
            check(aspects, layOut(aspects, space, columns, big), space.width);
          }
        });
      }
    }
  }
});

test("what fits on the screen does not scroll, and uses it well", () => {
  for (const count of [1, 2, 3, 4, 5, 8, 9, 16]) {
    const aspects = Array.from({ length: count }, () => WIDE);
    const rects = layOut(aspects, screen(1280, 700), "auto");
    expect(Math.max(...rects.map((rect) => rect.y + rect.height))).toBeLessThan(700.01);
    expect(area(rects) / (1280 * 700)).toBeGreaterThan(0.5);
  }
});

test("a portrait camera does not leave the others half of the screen empty", () => {
  const rects = layOut([WIDE, 9 / 16, WIDE, WIDE], screen(1280, 700), "auto");
  expect(area(rects) / (1280 * 700)).toBeGreaterThan(0.6);
  const mixed = layOut([WIDE, WIDE, WIDE, WIDE, 4 / 3, WIDE, 3 / 4], screen(1264, 656), "auto");
  expect(area(mixed) / (1264 * 656)).toBeGreaterThan(0.65);
});

test("many tiles scroll rather than become too small", () => {
  const rects = layOut(Array.from({ length: 60 }, () => WIDE), screen(1280, 640), "auto");
  expect(Math.min(...rects.map((rect) => rect.width))).toBeGreaterThan(219);
  expect(Math.max(...rects.map((rect) => rect.y + rect.height))).toBeGreaterThan(640);
});

test("a phone shows one below the other", () => {
  const rects = layOut([WIDE, WIDE, WIDE], screen(390, 700), "auto");
  expect(rects.map((rect) => rect.x)).toEqual([0, 0, 0]);
  expect(rects[0]?.width).toBe(390);
});

test("a big tile is the largest by far, wherever it stands in the order", () => {
  for (const big of [0, 3, 7]) {
    const rects = layOut(Array.from({ length: 8 }, () => WIDE), screen(1280, 700), "auto", big);
    const sizes = rects.map((rect) => rect.width);
    const others = sizes.filter((_, index) => index !== big);
    expect(sizes[big]).toBeGreaterThan(2 * Math.max(...others));
  }
});

test("rows are cut in order and as even as it goes", () => {
  expect(cut([1, 1, 1, 1], 2)).toEqual([[1, 1], [1, 1]]);
  expect(cut([2, 1, 1], 2)).toEqual([[2], [1, 1]]);
  expect(cut([1, 1, 1], 3)).toEqual([[1], [1], [1]]);
});

test("arrows go to the tile that lies there, and nowhere if there is none", () => {
  const rects = layOut([WIDE, WIDE, WIDE, WIDE], screen(1280, 700), 2);
  expect(neighbour(rects, 0, "right")).toBe(1);
  expect(neighbour(rects, 0, "down")).toBe(2);
  expect(neighbour(rects, 3, "up")).toBe(1);
  expect(neighbour(rects, 3, "left")).toBe(2);
  expect(neighbour(rects, 0, "left")).toBeNull();
});
