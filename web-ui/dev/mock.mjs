// A stand-in for the server, to look at pages in states that a real one is seldom in:
//   node dev/mock.mjs [PORT]          serves dist/ as the program does, policy included
// Streams: front (live), slow (a slow link), gate (away), porch (away after 4 s of pictures),
// closed (one picture, then ended). `?token=wrong` in a src is denied. It proves nothing of the program.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { answer as controls } from "./mock-controls.mjs";

const port = Number(process.argv[2] ?? 8900);
const dist = new URL("../dist/", import.meta.url);
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
  "connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; form-action 'self'";

function pictures(size, filter) {
  const bytes = execFileSync(
    "ffmpeg",
    ["-v", "error", "-f", "lavfi", "-i", `${filter}=size=${size}:rate=30`, "-t", "3", "-f", "mjpeg", "-q:v", "4", "-"],
    { maxBuffer: 1e9 },
  );
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(Buffer.from([0xff, 0xd9]), at);
    if (end < 0) break;
    found.push(bytes.subarray(at, end + 2));
    at = end + 2;
  }
  return found;
}
const wide = pictures("1280x720", "testsrc2");
const low = pictures("568x320", "testsrc2");
const tall = pictures("640x480", "testsrc");

const born = Date.now();
const iso = (ms) => new Date(ms).toISOString();
const streams = {
  front: { name: "Front door", pictures: wide, fps: 30 },
  slow: { pictures: low, fps: 12, delivered: { quality: "low", fps: 12, reason: "slow_link" } },
  lab: { name: "Microscope", pictures: tall, fps: 15 },
  gate: { away: 0 },
  porch: { pictures: wide, fps: 30, away: 6000 },
  closed: { pictures: wide, fps: 30, ends: 4000 },
};
const viewers = [
  { id: 1, remote: "127.0.0.1:51224", transport: "websocket", agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36", since: iso(born), frames: 3120, bytes: 3e8, skipped: 0, fps: 29.9, rate_bps: 24_800_000, bandwidth_bps: 9e8, age_ms: 38, displayed_fps: 29.9, quality: "source", reason: null },
  { id: 2, remote: "192.168.1.23:40112", transport: "mjpeg", agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1", since: iso(born), frames: 1411, bytes: 2e7, skipped: 204, fps: 14.2, rate_bps: 1_900_000, bandwidth_bps: 2_400_000, age_ms: 131, displayed_fps: null, quality: "low", reason: "slow_link" },
  { id: 3, remote: "[2001:db8::17]:50022", transport: "mjpeg", agent: "Lavf/59.27.100", since: iso(born), frames: 3100, bytes: 3e8, skipped: 0, fps: 29.9, rate_bps: 24_700_000, bandwidth_bps: null, age_ms: null, displayed_fps: null, quality: "source", reason: null },
];

function info(id) {
  const stream = streams[id];
  const age = Date.now() - born;
  const away = stream.away !== undefined && (stream.away === 0 || age % 20_000 > stream.away + 4000);
  return {
    stream_id: id,
    name: stream.name ?? null,
    source: away ? "v4l2:/dev/video2" : "test:?size=1280x720&fps=30",
    quality: "source",
    is_active: !away,
    state: away ? "away" : "live",
    reason: away ? "no such device /dev/video2" : null,
    state_since: iso(away ? Date.now() - 12_000 : born),
    viewer_count: 3,
    frame_count: Math.round(age / 33),
    byte_count: age * 3000,
    fps: away ? 0 : stream.fps,
    bitrate_bps: away ? 0 : 24_800_000,
    renditions: 1,
    start_time: iso(born),
    origin: id === "front" ? "configuration" : "api",
    kept: true,
    on_demand: null,
    settings: { width: 1280, height: 720, fps: 30, jpeg_quality: null },
    requested: { quality: null, fps: null, size: null, jpeg_quality: null },
  };
}

const TYPES = { html: "text/html", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://x");
  const json = (body, status = 200) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  };
  const file = async (name) => {
    try {
      const body = await readFile(new URL(name, dist));
      response.writeHead(200, {
        "Content-Type": TYPES[name.split(".").pop()] ?? "text/plain",
        "Content-Security-Policy": POLICY,
        "Access-Control-Allow-Origin": "*",
      });
      response.end(body);
    } catch {
      json({ error: "there is nothing here", code: "not_found" }, 404);
    }
  };
  if (url.searchParams.get("token") === "wrong") return json({ error: "a token is needed", code: "unauthorized" }, 401);
  const [, root, id, rest] = url.pathname.split("/");
  if (url.pathname === "/") return file("index.html");
  if (url.pathname === "/api/docs") return file("docs.html");
  if (root === "streams" && id && !rest) return file("stream.html");
  if (root === "player.js" || root === "assets" || root === "embed.html") return file(url.pathname.slice(1));
  if (url.pathname === "/api/streams") {
    const all = Object.keys(streams).map(info);
    return json({ streams: all, total: all.length });
  }
  if (url.pathname === "/api/sources") {
    return json({ sources: [{ source: "v4l2:/dev/video0", name: "HD Webcam", kind: "camera", hint: "1280×720 at 30 fps" }] });
  }
  if (url.pathname === "/api/events") {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    const tell = (name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    tell("hello", {});
    tell("viewer_joined", { stream_id: "front", viewer: viewers[1] });
    let state = "";
    const timer = setInterval(() => {
      const now = info("porch");
      if (now.state !== state) tell("stream_changed", { stream_id: "porch", info: now });
      state = now.state;
    }, 500);
    return request.on("close", () => clearInterval(timer));
  }
  const [, , , stream, list, viewer] = url.pathname.split("/");
  if (!streams[stream]) return json({ error: `there is no stream ${stream}`, code: "unknown_stream" }, 404);
  if (list === "controls" && stream !== "front") return json({ camera: null, name: null, controls: [], kept: {} });
  if (list === "controls") {
    let body = "";
    for await (const chunk of request) body += chunk;
    const [status, answered] = await controls(request.method, url.searchParams, body ? JSON.parse(body) : null);
    return json(answered, status);
  }
  if (list === "viewers" && viewer) {
    viewers.splice(viewers.findIndex((one) => String(one.id) === viewer), 1);
    return json({ message: "closed" });
  }
  if (list === "viewers") return json({ viewers: stream === "lab" ? [] : viewers, total: viewers.length });
  if (request.method === "PATCH") {
    let body = "";
    for await (const chunk of request) body += chunk;
    const change = JSON.parse(body);
    if (change.size === "1x1") return json({ error: "the camera has no size 1x1; it has 640x480, 1280x720", code: "bad_parameter" }, 422);
    Object.assign(streams[stream], change);
  }
  if (request.method === "DELETE") {
    delete streams[stream];
    return json({ message: "stopped" });
  }
  return json(info(stream));
});

function send(socket, opcode, payload) {
  const length = payload.length;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 255])
        : Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((bits) => (length >> bits) & 255)]);
  socket.write(Buffer.concat([head, payload]));
}

server.on("upgrade", (request, socket) => {
  if (process.env.NO_WS || request.url.includes("token=wrong")) return socket.end("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
  const key = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(`HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  const joined = new Map();
  const tell = (type, data) => send(socket, 1, Buffer.from(JSON.stringify({ type, data })));
  const leave = (id) => {
    clearInterval(joined.get(id));
    joined.delete(id);
  };
  const join = (id, wish) => {
    if (!streams[id]) return tell("error", { code: "unknown_stream", error: `there is no stream ${id}`, stream_id: id });
    leave(id);
    const stream = streams[id];
    const began = Date.now();
    const inform = () => tell("stream_info", { ...info(id), wish, delivered: stream.delivered ?? { quality: wish.quality ?? "source", fps: wish.fps ?? null, reason: null } });
    inform();
    let number = 0;
    let state = info(id).state;
    joined.set(id, setInterval(() => {
      const now = info(id);
      if (now.state !== state) inform();
      state = now.state;
      if (stream.ends && Date.now() - began > stream.ends) {
        leave(id);
        return tell("stream_left", { stream_id: id, reason: "the stream was stopped" });
      }
      if (now.state === "away" || socket.writableLength > 500_000) return;
      const list = wish.quality === "low" ? low : stream.pictures;
      const header = Buffer.from(JSON.stringify({ stream_id: id, timestamp: Date.now() / 1000 - 0.03, frame_number: (number += 1), quality: stream.delivered?.quality ?? wish.quality ?? "source" }));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(header.length);
      send(socket, 2, Buffer.concat([length, header, list[number % list.length]]));
    }, 1000 / (wish.fps ?? stream.fps ?? 2)));
  };
  let held = Buffer.alloc(0);
  socket.on("data", (data) => {
    held = Buffer.concat([held, data]);
    for (;;) {
      if (held.length < 6) return;
      let length = held[1] & 127;
      let at = 2;
      if (length === 126) (length = held.readUInt16BE(2)), (at = 4);
      if (held.length < at + 4 + length) return;
      const mask = held.subarray(at, at + 4);
      const payload = Buffer.from(held.subarray(at + 4, at + 4 + length).map((byte, n) => byte ^ mask[n % 4]));
      const opcode = held[0] & 15;
      held = held.subarray(at + 4 + length);
      if (opcode === 8) return socket.end();
      if (opcode !== 1) continue;
      const { type, data: about } = JSON.parse(payload.toString());
      if (type === "clock") tell("clock", { sent: about.sent, server: Date.now() / 1000 });
      if (type === "join_stream" || type === "set_quality") join(about.stream_id, about);
      if (type === "leave_stream") leave(about.stream_id), tell("stream_left", { stream_id: about.stream_id, reason: "left" });
    }
  });
  const end = () => [...joined.keys()].forEach(leave);
  socket.on("close", end).on("error", end);
});

server.listen(port, () => console.log(`http://localhost:${port}/`));
