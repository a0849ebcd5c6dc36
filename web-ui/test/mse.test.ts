import { expect, test } from "vitest";
import { parseFragment, picturesOnly } from "../src/player/fragment.js";
import { Pace } from "../src/player/timeline.js";
import { hasSound } from "../src/player/mse.js";

/** What the server sends for a picture; `before` stands in front of the fragment. */
function message(before: number[], track = 1): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(before.length + 32 + 24 + 8));
  before.forEach((byte, index) => view.setUint8(index, byte));
  const at = before.length;
  view.setUint32(at, 32);
  view.setUint32(at + 4, 0x70726674);
  view.setUint32(at + 12, track);
  view.setUint32(at + 16, 1_700_000_000 + 2_208_988_800);
  view.setUint32(at + 20, 2 ** 31);
  view.setBigUint64(at + 24, 90_000n * 100n);
  view.setUint32(at + 52, 7);
  return view.buffer;
}

test("of a fragment it is known when its picture was captured", () => {
  const expected = { time: 100, timestamp: 1_700_000_000.5, number: 7, key: false };
  expect(parseFragment(message([]))).toEqual(expected);
  const init = [0, 0, 0, 8, 0x66, 0x74, 0x79, 0x70, 0, 0, 0, 8, 0x6d, 0x6f, 0x6f, 0x76];
  expect(parseFragment(message(init))).toEqual({ ...expected, key: true });
});

test("sound is no picture", () => {
  expect(parseFragment(message([], 2))).toBe(null);
  expect(hasSound('video/mp4; codecs="avc1.64001f"')).toBe(false);
  expect(hasSound('video/mp4; codecs="avc1.64001f, mp4a.40.2"')).toBe(true);
  expect(hasSound('video/mp4; codecs="avc1.64001f,opus"')).toBe(true);
});

test("whatever comes is a fragment or none", () => {
  const check = (bytes: number[]) => expect(parseFragment(new Uint8Array(bytes).buffer)).toBe(null);
  check([]);
  check(Array(100).fill(0));
  check(Array(100).fill(255));
  check([0, 0, 0, 32, 0x70, 0x72, 0x66, 0x74]);
});

test("a video keeps a little behind the pictures when they arrive", () => {
  const check = (early: number, now: number, expected: number | "jump", fresh = false) => {
    const pace = new Pace();
    for (let time = 0; time <= 2; time += 0.04) pace.arrived(time, early);
    expect(pace.rate(now, fresh)).toBe(expected);
  };
  check(0.03, 1.97, 1);
  check(0.1, 1.9, 1.04);
  check(0.4, 1.6, 1.2);
  check(0.7, 1.3, 1.5);
  check(0.7, 1.3, "jump", true);
  check(-0.05, 2.05, 0.95);
  check(3, 0.5, "jump");
  // Nothing came for a while.
  check(0.03, 2.5, 0);
});

test("the sound is taken out of what describes the tracks, and nothing else is", () => {
  const box = (name: string, ...parts: number[][]): number[] => {
    const body = parts.flat();
    return [0, 0, 0, body.length + 8, ...[...name].map((letter) => letter.charCodeAt(0)), ...body];
  };
  const head = (track: number) => box("tkhd", [0, 0, 0, 3], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, track], [0, 0]);
  const trak = (track: number) => box("trak", head(track), box("mdia", [track]));
  const trex = (track: number) => box("trex", [0, 0, 0, 0], [0, 0, 0, track], [0, 0, 0, 1]);
  const whole = (...tracks: number[]) =>
    [
      box("ftyp", [1, 2]),
      box("moov", box("mvhd", [9]), ...tracks.map(trak), box("mvex", ...tracks.map(trex))),
      box("moof", [3]),
      box("mdat", [4, 5]),
    ].flat();
  const check = (before: number[], after: number[]) =>
    expect([...new Uint8Array(picturesOnly(new Uint8Array(before).buffer))]).toEqual(after);
  check(whole(1, 2), whole(1));
  check(whole(1), whole(1));
  check([], []);
  check([0, 0, 0, 99, 1, 2], [0, 0, 0, 99, 1, 2]);
});

test("with sound a video keeps further behind, or it would stand still", () => {
  const pace = new Pace(true);
  for (let time = 0; time <= 2; time += 0.04) pace.arrived(time, 0.28);
  expect(pace.rate(1.7, false)).toBe(1);
  expect(pace.rate(1.7, true)).toBe(1);
});
