import { expect, test } from "vitest";
import { ServerClock } from "../src/client/clock.js";

test("before an exchange no age is told", () => {
  expect(new ServerClock().age(1)).toBeNull();
});

test("the offset comes from the exchange with the shortest round trip", () => {
  const clock = new ServerClock();
  // The server is 100 s ahead; the answer of the first was held up for 0.8 s.
  clock.add(10, 110.1, 11);
  clock.add(20, 120.01, 20.02);
  clock.add(30, 130.3, 30.4);
  expect(clock.offset).toBeCloseTo(100, 6);
  expect(clock.roundTrip).toBeCloseTo(0.02, 6);
});

test("an age is told by the server's clock", () => {
  const clock = new ServerClock();
  clock.add(10, 110, 10);
  expect(clock.age(111.96, 12)).toBeCloseTo(40, 6);
});

test("old exchanges are forgotten, so that drift is followed", () => {
  const clock = new ServerClock();
  clock.add(0, 0, 0);
  for (let n = 1; n <= 8; n += 1) clock.add(n, n + 5 + 0.05, n + 0.1);
  expect(clock.offset).toBeCloseTo(5, 6);
});

test("nonsense is not believed", () => {
  const clock = new ServerClock();
  clock.add(10, Number.NaN, 11);
  clock.add(10, 10, 9);
  clock.add(Number.NaN, 10, 9);
  expect(clock.offset).toBeNull();
});
