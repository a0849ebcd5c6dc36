import { expect, test } from "vitest";
import { status as newStatus } from "../src/client/status.js";
import type { StreamInfo } from "../src/client/types.js";
import { chip, type Shown } from "../src/player/chip.js";
import { playerKeyOf } from "../src/player/keys.js";
import { reasonOf } from "../src/player/reason.js";

const LIVE: Shown = { state: "live", picture: true, controls: false, silent_ms: 40, fps: 30, reason: null };

test("the corner of a picture says only what is not as one would think", () => {
  const check = (shown: Partial<Shown>, expected: string | null) => expect(chip({ ...LIVE, ...shown })).toBe(expected);
  check({}, null);
  check({ silent_ms: 5200 }, "No new picture for 5 s");
  check({ silent_ms: 5200, fps: 0.5 }, null);
  check({ silent_ms: null }, null);
  check({ reason: "slow_link" }, "The link is slow, so a smaller picture is sent");
  check({ state: "paused" }, "Paused");
  check({ state: "paused", controls: true }, null);
  check({ state: "paused", picture: false }, null);
  check({ state: "away", silent_ms: 90_000 }, null);
});

test("keys are left to whom they belong", () => {
  const check = (key: string, at: string, more: object, expected: string | null) =>
    expect(
      playerKeyOf({ key, altKey: false, ctrlKey: false, metaKey: false, composedPath: () => [{ localName: at }] as never, ...more }),
    ).toBe(expected);
  check(" ", "eyeline-player", {}, "toggle");
  check(" ", "button", {}, null);
  check("f", "button", {}, "full");
  check("s", "eyeline-player", {}, "snapshot");
  check("m", "eyeline-player", {}, "sound");
  check("s", "eyeline-player", { ctrlKey: true }, null);
  check("f", "select", {}, null);
  check("x", "eyeline-player", {}, null);
});

test("an encoder that makes less is told of where its pictures are shown", () => {
  const made = (reduced: string | null, height: number | null = 320) => {
    const told = newStatus("live");
    told.info = { rendition_details: [{ codec: "mjpeg", height }, { codec: "h264", height, reduced }] } as StreamInfo;
    return told;
  };
  const check = (...[told, transport, asked, expected]: [...Parameters<typeof reasonOf>, string | null]) =>
    expect(reasonOf(told, transport, asked)).toBe(expected);
  check(made("height"), "mse", "low", "encoder");
  check(made("frame_rate"), "hls", "low", "encoder");
  check(made("frame_rate", null), "mse", null, "encoder");
  // Nobody sees that it looks less closely.
  check(made("complexity"), "mse", "low", null);
  check(made(null), "mse", "low", null);
  check(made("height"), "mse", "source", null);
  check(made("height"), "ws", "low", null);
  check(null, "mse", "low", null);
  check({ ...made("height"), delivered: { quality: "low", fps: 8, reason: "slow_link" } }, "mse", "low", "slow_link");
});
