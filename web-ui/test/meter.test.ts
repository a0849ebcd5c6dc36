import { expect, test } from "vitest";
import { Meter } from "../src/player/meter.js";

function playing(fps: number, seconds: number, bytes = 1000): Meter {
  const meter = new Meter();
  for (let n = 0; n < fps * seconds; n += 1) {
    const at = (n * 1000) / fps;
    meter.received(at, bytes, n, "source");
    meter.shown(at, 40);
  }
  return meter;
}

test("rates are those of the last two seconds", () => {
  const meter = playing(30, 5);
  expect(meter.fps(4990)).toBeCloseTo(30, 0);
  expect(meter.bitrate(4990)).toBeCloseTo(30 * 8000, -3);
  expect(meter.age(4990)).toBeCloseTo(40);
});

test("the first second is not told as half of the rate", () => {
  expect(playing(30, 1).fps(1000)).toBeCloseTo(30, 0);
});

test("when pictures stop the rate falls to nothing and the age is unknown", () => {
  const meter = playing(30, 2);
  expect(meter.fps(9000)).toBe(0);
  expect(meter.age(9000)).toBeNull();
});

test("gaps in the numbers are skips, within one rendition only", () => {
  const meter = new Meter();
  meter.received(0, 1, 10, "source");
  meter.received(1, 1, 11, "source");
  meter.received(2, 1, 15, "source");
  expect(meter.skipped).toBe(3);
  meter.received(3, 1, 400, "low");
  meter.received(4, 1, 402, "low");
  expect(meter.skipped).toBe(4);
});

test("what passes during a pause was not skipped", () => {
  const meter = new Meter();
  meter.received(0, 1, 10, "source");
  meter.restart();
  meter.received(9000, 1, 300, "source");
  expect(meter.skipped).toBe(0);
});

test("the server is told each drop once, and no age that is not known", () => {
  const meter = playing(30, 2);
  meter.dropped = 3;
  expect(meter.feedback(1990)).toEqual({ fps: 30.2, dropped: 3, age_ms: 40 });
  meter.dropped = 4;
  expect(meter.feedback(9000)).toEqual({ fps: 0, dropped: 1 });
});
