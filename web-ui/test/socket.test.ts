import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ViewerSocket, type Probe } from "../src/client/socket.js";
import type { Frame } from "../src/client/frame.js";
import type { Watcher } from "../src/client/joined.js";
import type { Phase, Status } from "../src/client/status.js";
import type { Wish } from "../src/client/types.js";

/** The server's end of a socket, driven by the test. */
class Line {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { reason: string }) => void) | null = null;
  readonly sent: { type: string; data: Record<string, unknown> }[] = [];
  closed = false;

  constructor(readonly url: string) {}
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  accept() {
    this.onopen?.();
  }
  breaks(reason = "") {
    this.onclose?.({ reason });
  }
  says(type: string, data: object) {
    this.onmessage?.({ data: JSON.stringify({ type, data }) });
  }
  picture(stream_id: string, frame_number: number, more: object = {}) {
    const header = new TextEncoder().encode(
      JSON.stringify({ stream_id, timestamp: 1, frame_number, quality: "source", ...more }),
    );
    const bytes = new Uint8Array(4 + header.length + 2);
    new DataView(bytes.buffer).setUint32(0, header.length);
    bytes.set(header, 4);
    this.onmessage?.({ data: bytes.buffer });
  }
  of(type: string) {
    return this.sent.filter((message) => message.type === type).map((message) => message.data);
  }
}

class Seen implements Watcher {
  frames: Frame[] = [];
  all: Status[] = [];
  errors: string[] = [];
  constructor(public wish: Wish = {}) {}
  onframe(frame: Frame) {
    this.frames.push(frame);
  }
  onstatus(status: Status) {
    this.all.push(status);
  }
  onerror(message: string) {
    this.errors.push(message);
  }
  feedback() {
    return { age_ms: 40, fps: 30, dropped: 0 };
  }
  get phase(): Phase | undefined {
    return this.all.at(-1)?.phase;
  }
}

const INFO = { stream_id: "a", state: "live", reason: null, state_since: null };
let lines: Line[];
let answer: Awaited<ReturnType<Probe>>;

function server(base = "http://host:8000/", token: string | null = null) {
  return new ViewerSocket(new URL(base), token, {
    open: (url) => {
      const line = new Line(url);
      lines.push(line);
      return line as unknown as WebSocket;
    },
    probe: async () => answer,
  });
}

function last(): Line {
  return lines.at(-1) as Line;
}

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  answer = "silent";
});
afterEach(() => {
  vi.useRealTimers();
});

test("the socket is found below the server's root, with the token", () => {
  server("https://host/cams/", "s e").watch("a", new Seen());
  expect(last().url).toBe("wss://host/cams/ws/viewer?format=binary&token=s+e");
});

test("players share one socket and one join, however many watch", () => {
  const socket = server();
  const [one, two, other] = [new Seen(), new Seen(), new Seen()];
  socket.watch("a", one);
  socket.watch("a", two);
  socket.watch("b", other);
  last().accept();
  expect(lines).toHaveLength(1);
  expect(last().of("join_stream").map((data) => data.stream_id)).toEqual(["a", "b"]);
  last().picture("a", 1);
  expect([one, two, other].map((seen) => seen.frames.length)).toEqual([1, 1, 0]);
});

test("a stream is left with the last of its players, and the socket closes soon after", () => {
  const socket = server();
  const viewings = [socket.watch("a", new Seen()), socket.watch("a", new Seen())];
  last().accept();
  viewings[0]?.leave();
  viewings[0]?.leave();
  expect(last().of("leave_stream")).toEqual([]);
  viewings[1]?.leave();
  expect(last().of("leave_stream")).toEqual([{ stream_id: "a" }]);
  vi.advanceTimersByTime(3500);
  expect(last().closed).toBe(true);
});

test("a player that comes later gets the picture there is at once", () => {
  const socket = server();
  socket.watch("a", new Seen());
  last().accept();
  last().picture("a", 5);
  const late = new Seen();
  socket.watch("a", late);
  expect(late.frames.map((frame) => frame.frame_number)).toEqual([5]);
  expect(late.phase).toBe("live");
});

test("it comes back by itself, joins again what was joined with the wish of now, and says so meanwhile", () => {
  const socket = server();
  const seen = new Seen({ quality: "low" });
  const viewing = socket.watch("a", seen);
  last().accept();
  last().says("stream_info", INFO);
  last().picture("a", 1);
  expect(seen.phase).toBe("live");
  last().breaks("going down");
  expect(seen.all.at(-1)).toMatchObject({ phase: "reconnecting", reason: "going down" });
  seen.wish = { quality: "medium" };
  viewing.wishChanged();
  vi.advanceTimersByTime(260);
  expect(lines).toHaveLength(2);
  last().accept();
  expect(last().of("join_stream")).toEqual([{ stream_id: "a", quality: "medium" }]);
  last().says("stream_info", INFO);
  last().picture("a", 9);
  expect(seen.phase).toBe("live");
});

test("while the server is away the attempts become rarer, up to five seconds", async () => {
  server().watch("a", new Seen());
  for (let second = 0; second < 60; second += 1) {
    last().breaks();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThan(32);
});

test("a wish that changes is told once, and not if others wish more", () => {
  const socket = server();
  const big = new Seen({ quality: "high" });
  const small = new Seen({ quality: "low" });
  const first = socket.watch("a", big);
  const second = socket.watch("a", small);
  last().accept();
  second.wishChanged();
  expect(last().of("set_quality")).toEqual([]);
  first.leave();
  expect(last().of("set_quality")).toEqual([{ stream_id: "a", quality: "low" }]);
});

test("away is told with the server's reason and time, and live again by the first picture", () => {
  const seen = new Seen();
  server().watch("a", seen);
  last().accept();
  last().says("stream_info", {
    ...INFO,
    state: "away",
    reason: "unplugged",
    state_since: new Date(Date.now() - 12_000).toISOString(),
  });
  expect(seen.all.at(-1)).toMatchObject({ phase: "away", reason: "unplugged", since: Date.now() - 12_000 });
  last().picture("a", 1, { slate: true });
  expect(seen.phase).toBe("away");
  expect(seen.frames).toEqual([]);
  last().picture("a", 2);
  expect(seen.phase).toBe("live");
});

test("an unknown stream is asked for again, and shows when it is there", () => {
  const seen = new Seen();
  server().watch("a", seen);
  last().accept();
  last().says("error", { code: "unknown_stream", error: "there is no stream a", stream_id: "a" });
  expect(seen.phase).toBe("unknown");
  vi.advanceTimersByTime(1100);
  expect(last().of("join_stream")).toHaveLength(2);
  last().says("stream_info", INFO);
  last().picture("a", 1);
  expect(seen.phase).toBe("live");
});

test("an error about a stream that plays is passed on and changes nothing else", () => {
  const seen = new Seen();
  server().watch("a", seen);
  last().accept();
  last().picture("a", 1);
  last().says("error", { code: "bad_parameter", error: "fps is too large", stream_id: "a" });
  expect(seen.errors).toEqual(["fps is too large"]);
  expect(seen.phase).toBe("live");
});

test("who was closed by an operator does not come back by itself", () => {
  const seen = new Seen();
  server().watch("a", seen);
  last().accept();
  last().says("stream_left", { stream_id: "a", reason: "closed by an operator" });
  vi.advanceTimersByTime(60_000);
  expect(seen.phase).toBe("ended");
  expect(lines.flatMap((line) => line.of("join_stream"))).toHaveLength(1);
});

test("a server that answers but opens no WebSocket is told as blocked", async () => {
  answer = "answers";
  const seen = new Seen();
  server().watch("a", seen);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    last().breaks();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(seen.phase).toBe("blocked");
});

test("a wrong token is told as denied, not as a broken line", async () => {
  answer = "denied";
  const seen = new Seen();
  server().watch("a", seen);
  last().breaks();
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.phase).toBe("denied");
});

test("who is denied asks again seldom, and is let in when the token is right", async () => {
  answer = "denied";
  const seen = new Seen();
  server().watch("a", seen);
  last().breaks();
  await vi.advanceTimersByTimeAsync(9000);
  expect(lines).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(lines).toHaveLength(2);
  last().accept();
  last().picture("a", 1);
  expect(seen.phase).toBe("live");
});

test("a line that went silent is given up", async () => {
  const seen = new Seen();
  server().watch("a", seen);
  last().accept();
  last().picture("a", 1);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(seen.all.some((status) => status.phase === "reconnecting")).toBe(true);
  expect(lines.length).toBeGreaterThan(1);
});

test("the clock is asked at the start and its answers are used", () => {
  const socket = server();
  socket.watch("a", new Seen());
  last().accept();
  vi.advanceTimersByTime(1);
  const sent = last().of("clock")[0]?.sent as number;
  last().says("clock", { sent, server: sent + 100 });
  expect(socket.clock.offset).toBeCloseTo(100, 1);
});

test("feedback goes every two seconds for what is live", () => {
  server().watch("a", new Seen());
  last().accept();
  vi.advanceTimersByTime(2100);
  expect(last().of("feedback")).toEqual([]);
  last().picture("a", 1);
  vi.advanceTimersByTime(2000);
  expect(last().of("feedback")).toEqual([{ stream_id: "a", age_ms: 40, fps: 30, dropped: 0 }]);
});

test("messages that make no sense change nothing", () => {
  const seen = new Seen();
  server().watch("a", seen);
  last().accept();
  last().onmessage?.({ data: "{" });
  last().onmessage?.({ data: "null" });
  last().onmessage?.({ data: "5" });
  last().onmessage?.({ data: new ArrayBuffer(2) });
  last().says("never_heard_of", {});
  last().says("error", { code: "malformed", error: "?" });
  expect(seen.phase).toBe("waiting");
});
