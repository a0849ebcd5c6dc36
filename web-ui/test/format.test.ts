import { expect, test } from "vitest";
import { age, ago, fps, rate, sentence } from "../src/parts/format.js";

test("every figure has its unit, and what is unknown is a dash", () => {
  expect(fps(29.94)).toBe("29.9 fps");
  expect(fps(null)).toBe("– fps");
  expect(age(38.4)).toBe("38 ms");
  expect(age(-3)).toBe("0 ms");
  expect(age(12_340)).toBe("12.3 s");
  expect(rate(24_800_000)).toBe("3.1 MB/s");
  expect(rate(640_000)).toBe("80 kB/s");
  expect(rate(undefined)).toBe("– kB/s");
});

test("how long ago is told in the largest unit that still says something", () => {
  const now = 1_000_000_000;
  const check = (seconds: number, words: string) => expect(ago(now - seconds * 1000, now)).toBe(words);
  check(12, "12 s");
  check(180, "3 min");
  check(18_000, "5 h");
  check(300_000, "3 d");
  expect(ago("no time", now)).toBe("");
});

test("a reason becomes a sentence", () => {
  expect(sentence("no such device")).toBe("No such device.");
  expect(sentence("Why?")).toBe("Why?");
});
