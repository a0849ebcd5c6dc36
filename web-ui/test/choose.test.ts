import { afterEach, expect, test, vi } from "vitest";
import { choose, type Known } from "../src/player/choose.js";
import { hls } from "../src/player/hls.js";
import { mjpeg } from "../src/player/mjpeg.js";
import { mse } from "../src/player/mse.js";
import type { TransportName } from "../src/player/transport.js";
import { ws } from "../src/player/ws.js";

const H264: Known = { asked: "auto", unfit: new Set(), wish: {}, codec: "h264" };

function check(other: Partial<Known>, expected: unknown): void {
  expect(choose({ ...H264, ...other })).toBe(expected);
}
const without = (...names: TransportName[]) => new Set(names);

const chrome = () => vi.stubGlobal("MediaSource", { isTypeSupported: () => true });
const safari = () => {
  vi.stubGlobal("navigator", { vendor: "Apple Computer, Inc." });
  vi.stubGlobal("document", { createElement: () => ({ canPlayType: () => "maybe" }) });
};
afterEach(() => vi.unstubAllGlobals());

test("Media Source is for H.264 at every quality, and JPEGs are for fewer pictures", () => {
  chrome();
  check({}, mse);
  check({ codec: "mjpeg" }, ws);
  check({ codec: null }, ws);
  check({ wish: { quality: "low" } }, mse);
  check({ wish: { quality: "low", fps: 5 } }, ws);
  check({ wish: { quality: "source" } }, mse);
  check({ wish: { fps: 5 } }, ws);
  check({ unfit: without("mse") }, ws);
});

test("without Media Source the browser's own HLS is for H.264, and JPEGs where there is none", () => {
  check({}, ws);
  safari();
  check({}, hls);
  check({ codec: "mjpeg" }, ws);
  check({ wish: { quality: "low" } }, ws);
  check({ unfit: without("hls") }, ws);
});

test("iPhones with a managed Media Source use it, and HLS if it cannot take the codec", () => {
  safari();
  vi.stubGlobal("ManagedMediaSource", { isTypeSupported: () => true });
  check({}, mse);
  check({ unfit: without("mse") }, hls);
});

test("where no WebSocket gets through it is MJPEG, and HLS where there is nothing else", () => {
  chrome();
  const blocked = without("ws", "mse");
  check({ unfit: blocked }, mjpeg);
  check({ unfit: blocked, codec: "mjpeg" }, mjpeg);
  check({ unfit: without("ws", "mse", "mjpeg") }, hls);
  check({ unfit: without("ws", "mse", "mjpeg", "hls") }, mjpeg);
});

test("what is asked for is used, whatever is known", () => {
  check({ asked: "mjpeg" }, mjpeg);
  check({ asked: "mse", codec: "mjpeg" }, mse);
  check({ asked: "hls", unfit: without("hls") }, hls);
});
