import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Buffer } from "../src/player/buffer.js";
import type { Entry } from "../src/player/fragment.js";
import { Sound } from "../src/player/sound.js";

/** A source buffer that takes a moment for each step, as browsers do. */
class FakeSourceBuffer extends EventTarget {
  updating = false;
  appended: number[][] = [];
  removed: number[] = [];
  appendBuffer(bytes: ArrayBuffer | Uint8Array): void {
    if (this.updating) throw new Error("still updating");
    this.updating = true;
    this.appended.push([...new Uint8Array(bytes instanceof ArrayBuffer ? bytes : bytes.slice().buffer)]);
  }
  remove(_from: number, upTo: number): void {
    if (this.updating) throw new Error("still updating");
    this.updating = true;
    this.removed.push(upTo);
  }
  done(): void {
    this.updating = false;
    this.dispatchEvent(new Event("updateend"));
  }
}

let made: FakeMediaSource;
class FakeMediaSource extends EventTarget {
  static isTypeSupported = () => true;
  buffer = new FakeSourceBuffer();
  types: string[] = [];
  constructor() {
    super();
    made = this;
  }
  addSourceBuffer(type: string): FakeSourceBuffer {
    this.types.push(type);
    return this.buffer;
  }
}
class FakeManaged extends FakeMediaSource {
  streaming = false;
  set(streaming: boolean): void {
    this.streaming = streaming;
    this.dispatchEvent(new Event(streaming ? "startstreaming" : "endstreaming"));
  }
}

class FakeVideo {
  src = "";
  currentTime = 0;
  playbackRate = 1;
  paused = true;
  muted = true;
  hidden = false;
  seeking = false;
  readyState = 4;
  disableRemotePlayback = false;
  refuses = false;
  see: ((now: number, what: { mediaTime: number }) => void) | null = null;
  requestVideoFrameCallback(callback: FakeVideo["see"]): void {
    this.see = callback;
  }
  async play(): Promise<void> {
    if (this.refuses && !this.muted) throw Object.assign(new Error("click first"), { name: "NotAllowedError" });
    this.paused = false;
  }
  pause(): void {
    this.paused = true;
  }
}
const asVideo = (video: FakeVideo) => video as unknown as HTMLVideoElement;

const TYPE = 'video/mp4; codecs="avc1.64001f"';
const bytes = (...values: number[]) => new Uint8Array(values).buffer;
const picture = (time: number, key = false): Entry => ({ time, timestamp: time, number: Math.round(time * 10), key });
let video: FakeVideo;
let shown: Entry[];
let failed: string[];

function begin(Source: typeof FakeMediaSource): Buffer {
  vi.stubGlobal(Source === FakeManaged ? "ManagedMediaSource" : "MediaSource", Source);
  const events = { shown: (entry: Entry) => void shown.push(entry), failed: (reason: string) => void failed.push(reason) };
  return new Buffer(asVideo(video), TYPE, false, events);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("HTMLMediaElement", { HAVE_METADATA: 1 });
  vi.stubGlobal("URL", { createObjectURL: () => "blob:1", revokeObjectURL() {} });
  video = new FakeVideo();
  [shown, failed] = [[], []];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what comes before the source is open goes in one step, sound and pictures in their order", () => {
  const buffer = begin(FakeMediaSource);
  buffer.push(bytes(1), picture(0, true));
  buffer.push(bytes(2), null);
  made.dispatchEvent(new Event("sourceopen"));
  buffer.push(bytes(3), picture(0.1));
  expect([made.types, made.buffer.appended]).toEqual([[TYPE], [[1, 2]]]);
  made.buffer.done();
  expect(made.buffer.appended).toEqual([[1, 2], [3]]);
  buffer.end();
});

test("a managed source gets nothing while it wants nothing, and then begins with the newest key picture", () => {
  const buffer = begin(FakeManaged);
  const managed = made as FakeManaged;
  expect(video.disableRemotePlayback).toBe(true);
  managed.dispatchEvent(new Event("sourceopen"));
  buffer.push(bytes(1), picture(0, true));
  expect(managed.buffer.appended).toEqual([]);
  managed.set(true);
  expect(managed.buffer.appended).toEqual([[1]]);
  managed.buffer.done();
  managed.set(false);
  buffer.push(bytes(2), picture(0.1));
  buffer.push(bytes(3), picture(0.2, true));
  buffer.push(bytes(4), picture(0.3));
  expect(managed.buffer.appended).toHaveLength(1);
  managed.set(true);
  expect(managed.buffer.appended).toEqual([[1], [3, 4]]);
  buffer.end();
});

test("what waits is bounded: only what is from a key picture on is kept when much has piled up", () => {
  const buffer = begin(FakeMediaSource);
  made.dispatchEvent(new Event("sourceopen"));
  buffer.push(bytes(1), picture(0, true));
  for (let n = 1; n <= 5; n += 1) buffer.push(new ArrayBuffer(1_000_000), picture(n));
  buffer.push(bytes(7), picture(6, true));
  made.buffer.done();
  expect(made.buffer.appended).toEqual([[1], [7]]);
  buffer.end();
});

test("what is past is thrown away from a key picture to a key picture", () => {
  const buffer = begin(FakeMediaSource);
  made.dispatchEvent(new Event("sourceopen"));
  for (const time of [0, 2, 4]) buffer.push(bytes(time), picture(time, true));
  while (made.buffer.updating) made.buffer.done();
  expect(made.buffer.removed).toEqual([]);
  video.currentTime = 7;
  buffer.push(bytes(7), picture(7));
  while (made.buffer.updating) made.buffer.done();
  expect(made.buffer.removed).toEqual([2]);
  buffer.end();
});

test("pictures are told as they are shown, though they come as they are decoded", () => {
  const buffer = begin(FakeMediaSource);
  for (const time of [0, 0.3, 0.1, 0.2]) buffer.push(bytes(1), picture(time, time === 0));
  for (const mediaTime of [0, 0.1, 0.2, 0.3]) video.see?.(0, { mediaTime });
  expect(shown.map((entry) => entry.time)).toEqual([0, 0.1, 0.2, 0.3]);
  buffer.end();
});

test("a video that was stopped for long jumps to the newest picture", () => {
  const buffer = begin(FakeMediaSource);
  made.dispatchEvent(new Event("sourceopen"));
  buffer.push(bytes(1), picture(0, true));
  made.buffer.done();
  vi.advanceTimersByTime(60);
  // The page did nothing for half a minute; then all comes at once.
  for (let n = 1; n <= 300; n += 1) buffer.push(bytes(1), picture(n / 10));
  while (made.buffer.updating) made.buffer.done();
  vi.advanceTimersByTime(60);
  expect(video.currentTime).toBe(30);
  expect(made.buffer.appended).toHaveLength(3);
  buffer.end();
});

test("a source that takes no such codec is told once", () => {
  const buffer = begin(FakeMediaSource);
  made.addSourceBuffer = () => {
    throw new Error("not supported");
  };
  made.dispatchEvent(new Event("sourceopen"));
  buffer.push(bytes(1), picture(0, true));
  expect(failed).toEqual(["The browser cannot play this: not supported"]);
});

test("sound is heard when it is asked for, and where the browser refuses the picture goes on without", async () => {
  let changes = 0;
  const sound = new Sound(asVideo(video), () => (changes += 1));
  sound.there = true;
  expect([sound.muted, changes]).toEqual([true, 1]);
  await sound.mute(false);
  expect([sound.muted, changes]).toEqual([false, 2]);
  await sound.mute(true);
  video.refuses = true;
  await sound.mute(false);
  expect([sound.muted, video.paused]).toEqual([true, false]);
});
