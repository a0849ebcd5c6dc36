import { expect, test } from "vitest";
import { Backoff } from "../src/client/backoff.js";

test("waits double up to the most and begin again after success", () => {
  const backoff = new Backoff(250, 5000, () => 1);
  const waits = Array.from({ length: 7 }, () => backoff.next());
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  backoff.reset();
  expect(backoff.next()).toBe(250);
});

test("jitter takes away up to half of a wait, never more", () => {
  expect(new Backoff(250, 5000, () => 0).next()).toBe(125);
});
