import { expect, test } from "vitest";
import { combine, sameWish, said } from "../src/client/wish.js";
import type { Wish } from "../src/client/types.js";

test("players of one stream get together what the most demanding of them wishes", () => {
  const check = (wishes: Wish[], expected: Wish) => expect(said(combine(wishes))).toEqual(said(expected));
  check([], {});
  check([{ quality: "low" }], { quality: "low" });
  check([{ quality: "low" }, { quality: "high" }], { quality: "high" });
  check([{ quality: "low", fps: 15 }, { quality: "medium", fps: 30 }], { quality: "medium", fps: 30 });
  check([{ quality: "source" }, {}], { quality: "source" });
});

test("a wish that is left open is not narrowed by another one", () => {
  expect(said(combine([{ quality: "low", fps: 5 }, {}]))).toEqual({});
});

test("nothing and null are the same wish", () => {
  expect(sameWish({}, { quality: null, fps: null })).toBe(true);
  expect(sameWish({ fps: 15 }, {})).toBe(false);
});
