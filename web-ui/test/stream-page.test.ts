import { expect, test } from "vitest";
import type { ServerEvent } from "../src/client/events.js";
import type { StreamInfo } from "../src/client/types.js";
import { agentWords } from "../src/pages/stream/agent.js";
import { change } from "../src/pages/stream/change.js";
import { History, SECONDS } from "../src/pages/stream/history.js";
import { Log } from "../src/pages/stream/log.js";
import { soundWords } from "../src/pages/stream/sound.js";
import { queryOf, wishOf } from "../src/pages/stream/wish.js";
import type { PlayerStats } from "../src/player/events.js";

const STATS: PlayerStats = {
  state: "live",
  transport: "ws",
  fps: 30,
  bitrate_bps: 8e6,
  age_ms: 40,
  skipped: 0,
  dropped: 0,
  quality: "source",
  width: 640,
  height: 480,
  reason: null,
};
const INFO: StreamInfo = {
  stream_id: "front",
  name: null,
  source: "test:",
  quality: "source",
  is_active: true,
  state: "live",
  reason: null,
  state_since: null,
  viewer_count: 0,
  frame_count: 0,
  fps: 30,
  start_time: null,
  on_demand: null,
  settings: { width: 640, height: 480, fps: 30, jpeg_quality: null },
  requested: { quality: null, fps: null, size: null, jpeg_quality: null },
};

test("graphs keep two minutes, all columns alike", () => {
  const history = new History();
  for (let second = 0; second < 500; second += 1) history.add(1000 + second, STATS);
  const { columns } = history;
  expect(columns.time[0]).toBe(1000 + 499 - SECONDS);
  for (const column of Object.values(columns)) expect(column).toHaveLength(SECONDS + 1);
});

test("a time without pictures is a gap in the graphs, not a zero", () => {
  const history = new History();
  history.add(1, STATS);
  history.add(2, { ...STATS, state: "away" });
  expect(history.columns.fps).toEqual([30, null]);
});

test("skips are drawn by the second, and a player that begins anew draws none", () => {
  const history = new History();
  const add = (time: number, skipped: number, dropped: number) => history.add(time, { ...STATS, skipped, dropped });
  add(1, 5, 0);
  add(2, 7, 1);
  add(3, 7, 1);
  add(4, 2, 0);
  expect(history.columns.skipped).toEqual([0, 3, 0, 0]);
});

function log(...events: Pick<ServerEvent, "name" | "data">[]): string[] {
  const all = new Log("front");
  for (const event of events) all.add({ ...event, at: new Date(0) } as ServerEvent);
  return all.lines.map((line) => line.text).reverse();
}
const changed = (info: Partial<StreamInfo>, stream_id = "front") => ({
  name: "stream_changed" as const,
  data: { stream_id, info: { ...INFO, ...info } },
});

test("events tell each state once, of this stream only", () => {
  expect(
    log(
      changed({}),
      changed({ fps: 29.7 }),
      changed({ state: "away", reason: "no such device" }),
      changed({ state: "away", reason: "no such device" }),
      changed({ state: "away" }, "another"),
      changed({}),
    ),
  ).toEqual(["Live.", "Away: no such device.", "Live."]);
});

test("events tell of new sizes and changed settings", () => {
  expect(
    log(
      changed({}),
      changed({ settings: { width: 1280, height: 720, fps: 30, jpeg_quality: null } }),
      changed({ settings: { width: 1280, height: 720, fps: 30, jpeg_quality: null }, name: "New" }),
    ),
  ).toEqual(["Live.", "The picture is 1280 × 720 now.", "The settings were changed."]);
});

const form = (values: Record<string, string>) => ({ get: (name: string) => values[name] ?? "" });

test("a form that was not touched changes nothing", () => {
  expect(change(INFO, form({ source: "test:" }))).toEqual({});
});

test("only what differs is sent, and what was emptied goes back to the default", () => {
  const before = { ...INFO, name: "Old", requested: { ...INFO.requested, fps: 15 } };
  expect(
    change(before, form({ name: " ", source: "", quality: "low", fps: "", size: "1280x720", on_demand: "false" })),
  ).toEqual({ name: null, quality: "low", fps: null, size: "1280x720", on_demand: false });
});

test("a wish goes into the address and comes back", () => {
  const wish = { quality: "medium", fps: 15, jpeg_quality: 70 } as const;
  expect(queryOf(wish)).toBe("?quality=medium&fps=15&jpeg_quality=70");
  expect(wishOf(queryOf(wish))).toEqual(wish);
  expect(queryOf(wishOf("?quality=nonsense&token=x"))).toBe("");
});

test("programs are named in a word or two", () => {
  const check = (agent: string | null, words: string) => expect(agentWords(agent)).toBe(words);
  check(
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    "Chrome on Linux",
  );
  check(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Safari on iPhone",
  );
  check("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows");
  check("Lavf/59.27.100", "FFmpeg");
  check("curl/7.88.1", "curl");
  check(null, "");
});

test("of sound it is said what it is, and whether it comes by this transport", () => {
  const aac = { codec: "aac", sample_rate: 44_100, channels: 2 };
  expect(soundWords(null, "mse", false)).toBe("");
  expect(soundWords(aac, "mse", true)).toBe("AAC, 44.1 kHz, stereo");
  expect(soundWords(aac, "ws", false)).toBe("AAC, 44.1 kHz, stereo, not by WebSocket");
  expect(soundWords({ codec: "pcm_alaw", sample_rate: 8000, channels: 1 }, null, false)).toBe("G.711 A-law, 8 kHz, mono");
});
