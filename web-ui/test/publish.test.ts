import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseFrame } from "../src/client/frame.js";
import { ProducerLink, type LinkState } from "../src/publish/link.js";
import { idFrom, pictureMessage, sizeFor, startMessage, wrongId } from "../src/publish/message.js";
import { Pace, Rate, UNWATCHED_MS } from "../src/publish/pace.js";

describe("messages", () => {
  test("a picture is read back as it was written", () => {
    const jpeg = new Uint8Array([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9]);
    const message = pictureMessage({ stream_id: "türe", timestamp: 1700000000.25, frame_number: 7 }, jpeg.buffer);
    const frame = parseFrame(message);
    expect(frame).toMatchObject({ stream_id: "türe", timestamp: 1700000000.25, frame_number: 7 });
    expect([...(frame?.jpeg ?? [])]).toEqual([...jpeg]);
  });

  test("the start names the format, and the stream only if it has a name", () => {
    expect(JSON.parse(startMessage("Front"))).toEqual({
      type: "start_stream",
      data: { content_type: "image/jpeg", format: "binary", name: "Front" },
    });
    expect(JSON.parse(startMessage(null)).data).not.toHaveProperty("name");
  });

  test("sizes keep the aspect, are even, and never grow", () => {
    expect(sizeFor("low", 1280, 720)).toEqual({ width: 568, height: 320 });
    expect(sizeFor("high", 640, 480)).toEqual({ width: 640, height: 480 });
    expect(sizeFor("source", 1919, 1081)).toEqual({ width: 1919, height: 1081 });
    expect(sizeFor("medium", 1080, 1920)).toEqual({ width: 270, height: 480 });
  });

  test("an id is made of any name, and checked as the server does", () => {
    expect(idFrom("FaceTime HD (Éric’s)")).toBe("facetime-hd-eric-s");
    expect(idFrom("..hidden")).toBe("hidden");
    expect(idFrom("カメラ")).toBe("");
    for (const good of ["a", "front-2", "a.b_c", "x".repeat(64)]) expect(wrongId(good)).toBeNull();
    for (const bad of ["", ".a", "a b", "ä", "a/b", "x".repeat(65)]) expect(wrongId(bad)).not.toBeNull();
  });
});

describe("pace", () => {
  const taken = (pace: Pace, from: number, to: number, every: number) => {
    let count = 0;
    for (let at = from; at < to; at += every) {
      if (pace.wait(at) > 0) continue;
      pace.taken(at);
      count++;
    }
    return count;
  };

  test("of 30 pictures a second 15 are taken, and all where no rate is asked", () => {
    expect(taken(new Pace(15), 0, 10_000, 1000 / 30)).toBe(150);
    expect(taken(new Pace(null), 0, 1000, 40)).toBe(25);
  });

  test("after a pause it does not catch up", () => {
    const pace = new Pace(10);
    taken(pace, 0, 1000, 10);
    expect(taken(pace, 60_000, 61_000, 10)).toBeLessThanOrEqual(11);
  });

  test("nobody watches: one now and then; at once when somebody comes", () => {
    const pace = new Pace(30);
    pace.taken(0);
    pace.setWatched(false);
    expect(taken(pace, 100, 100 + UNWATCHED_MS * 4, 33)).toBeLessThanOrEqual(5);
    pace.setWatched(true);
    expect(pace.wait(100 + UNWATCHED_MS * 4)).toBe(0);
  });

  test("a rate is that of the last seconds", () => {
    const rate = new Rate(1000);
    for (let at = 0; at < 2000; at += 100) rate.add(at);
    expect(rate.perSecond(2000)).toBe(9);
    expect(rate.perSecond(9000)).toBe(0);
  });
});

class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 1;
  bufferedAmount = 0;
  sent: (string | ArrayBuffer)[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { reason: string; code?: number }) => void) | null = null;
  constructor() {
    FakeSocket.all.push(this);
  }
  send(message: string | ArrayBuffer) {
    this.sent.push(message);
  }
  close() {
    this.closed = true;
  }
  hear(type: string, data: object) {
    this.onmessage?.({ data: JSON.stringify({ type, data }) });
  }
  get types() {
    return this.sent.map((message) => (typeof message === "string" ? JSON.parse(message).type : "picture"));
  }
}

describe("the producer's connection", () => {
  const states: LinkState[] = [];
  const last = () => FakeSocket.all.at(-1) as FakeSocket;
  const start = () =>
    new ProducerLink("ws://x/ws/stream/a", "a", null, (state) => states.push(state), () => new FakeSocket() as unknown as WebSocket);
  const publishing = () => {
    const link = start();
    last().onopen?.();
    last().hear("stream_info", { stream_id: "a" });
    return link;
  };
  const picture = () => new ArrayBuffer(100);

  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.all = [];
    states.length = 0;
  });
  afterEach(() => vi.useRealTimers());

  test("no picture is sent before the server has taken the stream, nor while one waits", () => {
    const link = start();
    expect(link.send(picture(), 1)).toBe(0);
    last().onopen?.();
    expect(last().types).toEqual(["start_stream"]);
    expect(link.ready).toBe(false);
    last().hear("stream_info", { stream_id: "a" });
    expect(link.send(picture(), 1)).toBeGreaterThan(100);
    last().bufferedAmount = 5000;
    expect(link.ready).toBe(false);
    expect(link.send(picture(), 1)).toBe(0);
    last().bufferedAmount = 0;
    expect(link.ready).toBe(true);
  });

  test("capture times are told by the server's clock", () => {
    const link = publishing();
    vi.advanceTimersByTime(1);
    const asked = last().sent.map((message) => (typeof message === "string" ? JSON.parse(message) : {})).find((message) => message.type === "clock");
    last().hear("clock", { sent: asked.data.sent, server: asked.data.sent + 1000 });
    link.send(picture(), asked.data.sent);
    const frame = parseFrame(last().sent.at(-1) as ArrayBuffer);
    expect(frame?.timestamp).toBeGreaterThan(asked.data.sent + 999);
    expect(frame?.timestamp).toBeLessThan(asked.data.sent + 1001);
  });

  test("who watches is told on", () => {
    publishing();
    last().hear("demand", { stream_id: "a", viewers: 0, watched: false });
    expect(states.at(-1)).toMatchObject({ phase: "publishing", viewers: 0, watched: false });
    last().hear("demand", { stream_id: "a", viewers: 2, watched: true });
    expect(states.at(-1)).toMatchObject({ viewers: 2, watched: true });
  });

  test("a line that breaks comes back by itself, and starts the stream again", () => {
    const link = publishing();
    last().onclose?.({ reason: "" });
    expect(link.state.phase).toBe("lost");
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.all).toHaveLength(2);
    last().onopen?.();
    last().hear("stream_info", { stream_id: "a" });
    expect(link.state).toMatchObject({ phase: "publishing", reason: null });
  });

  test("somebody who was there first is told with the server's sentence, and not pressed", () => {
    const link = start();
    last().onopen?.();
    last().hear("error", { code: "busy", error: "somebody else publishes this stream" });
    expect(link.state).toMatchObject({ phase: "refused", code: "busy", reason: "somebody else publishes this stream" });
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  test("after a break, busy may be our own old line: it is tried again", () => {
    const link = publishing();
    last().onclose?.({ reason: "" });
    vi.advanceTimersByTime(1000);
    last().onopen?.();
    last().hear("error", { code: "busy", error: "somebody else publishes this stream" });
    expect(link.state.phase).toBe("lost");
    vi.advanceTimersByTime(6000);
    expect(FakeSocket.all).toHaveLength(3);
  });

  test("a stream that an operator ends is not started again; one that ends with the server is", () => {
    const ended = { code: "stream_ended", error: "the stream a is being closed" };
    const deleted = publishing();
    last().hear("error", ended);
    expect(deleted.ready).toBe(false);
    vi.advanceTimersByTime(60_000);
    expect(deleted.state).toMatchObject({ phase: "refused", reason: "the stream a is being closed" });
    expect(FakeSocket.all).toHaveLength(1);

    const restarted = publishing();
    last().hear("error", ended);
    last().onclose?.({ reason: "", code: 1001 });
    expect(restarted.state.phase).toBe("lost");
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.all).toHaveLength(3);
  });

  test("stopping says so to the server and is for good", () => {
    const link = publishing();
    link.stop();
    expect(FakeSocket.all[0]?.types.at(-1)).toBe("stop_stream");
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(FakeSocket.all[0]?.closed).toBe(true);
    expect(link.state.phase).toBe("stopped");
  });
});
