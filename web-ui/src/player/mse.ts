// H.264 as it is, with its sound, by Media Source: fragments of MP4 over a WebSocket of the
// stream's own.

import { Backoff } from "../client/backoff.js";
import { ServerClock, now } from "../client/clock.js";
import { Api } from "../client/rest.js";
import { codedWish } from "../client/wish.js";
import { Buffer } from "./buffer.js";
import { mediaSource } from "./feed.js";
import { parseFragment, picturesOnly } from "./fragment.js";
import { Inquiry } from "./inquiry.js";
import type { Start } from "./transport.js";

const CLOCK_EVERY_MS = 10_000;
/** So often in a row the connection may not come about. */
const TRIES = 3;

/** Whether this browser plays H.264 by Media Source at all. */
export function mseAvailable(): boolean {
  return mediaSource()?.isTypeSupported('video/mp4; codecs="avc1.42e01e"') ?? false;
}

/** Whether a type names a codec of sound beside that of the pictures. */
export function hasSound(type: string): boolean {
  return /codecs="[^",]+,[^"]+"/.test(type);
}

export const mse: Start = (address, asked, sink, { video }) => {
  const api = new Api(address.base, address.token);
  const clock = new ServerClock();
  const backoff = new Backoff(500, 8000);
  let socket: WebSocket | null = null;
  let buffer: Buffer | null = null;
  let again: ReturnType<typeof setTimeout> | undefined;
  let wish = asked;
  let stopped = false;
  let shown = false;
  let tries = 0;
  // Sound costs some tenths of a second, which browsers hold back of it: it is played only where it is heard.
  let heard = false;
  let described: string | null = null;

  const unfit = (reason: string) => {
    if (!stopped) sink.unfit(reason);
  };
  const hear = (text: string) => {
    const { type, codecs, data } = JSON.parse(text) as Record<string, unknown> & { data?: { sent: number; server: number } };
    if (type === "clock" && data) clock.add(data.sent, data.server, now());
    if (type !== "mse" || typeof codecs !== "string") return;
    if (buffer && described === codecs) return;
    described = codecs;
    const playable = (type: string) => mediaSource()?.isTypeSupported(type) ?? false;
    const sound = hasSound(codecs) && playable(codecs);
    const pictures = codecs.replace(/,[^"]+"/, '"');
    if (!playable(pictures)) return unfit(`This browser cannot play ${pictures}`);
    buffer?.close();
    heard = sound && !video.muted;
    sink.sound(sound);
    buffer = new Buffer(video, heard ? codecs : pictures, heard, {
      shown: ({ timestamp, number }) => {
        backoff.reset();
        sink.shown(timestamp, number, video.videoWidth, video.videoHeight);
        if (shown) return;
        shown = true;
        inquiry.tell();
      },
      failed: unfit,
    });
  };
  const take = (message: ArrayBuffer) => {
    const entry = parseFragment(message);
    if (entry) sink.received(message.byteLength, entry.number);
    if (heard) buffer?.push(message, entry);
    else if (entry) buffer?.push(entry.key ? picturesOnly(message) : message, entry);
  };
  /** Sound that was left out begins with a key picture, and so does what is without it. */
  const turned = () => {
    if (!buffer || !described || !hasSound(described) || heard === !video.muted) return;
    leave();
    begin();
  };
  const compare = () => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "clock", data: { sent: now() } }));
  };
  const leave = () => {
    if (socket) socket.onclose = socket.onmessage = null;
    socket?.close();
    buffer?.end();
    buffer = socket = null;
  };
  const begin = () => {
    const url = api.url(`streams/${encodeURIComponent(address.id)}/mse`, codedWish(wish));
    url.protocol = url.protocol.replace("http", "ws");
    const mine = new WebSocket(url);
    socket = mine;
    mine.binaryType = "arraybuffer";
    mine.onopen = () => {
      tries = 0;
      compare();
    };
    mine.onmessage = ({ data }) => (typeof data === "string" ? hear(data) : take(data as ArrayBuffer));
    mine.onclose = () => {
      // Its time line ends with it; the last picture stays.
      buffer?.end();
      buffer = socket = null;
      shown = false;
      tries += 1;
      if (tries >= TRIES && inquiry.expected) return unfit("Media Source gets no pictures from the server");
      again = setTimeout(begin, backoff.next());
      void inquiry.ask();
    };
  };
  const inquiry = new Inquiry(api, address.id, {
    seen: () => ({ shown, cut: socket === null }),
    status: (status) => sink.status(status),
  });
  const timer = setInterval(compare, CLOCK_EVERY_MS);
  video.addEventListener("volumechange", turned);
  begin();

  return {
    name: "mse",
    counts: true,
    age: (timestamp) => clock.age(timestamp),
    setWish(next) {
      const same = JSON.stringify(codedWish(next)) === JSON.stringify(codedWish(wish));
      wish = next;
      if (same || !socket) return;
      leave();
      begin();
    },
    stop() {
      stopped = true;
      clearTimeout(again);
      clearInterval(timer);
      inquiry.stop();
      video.removeEventListener("volumechange", turned);
      leave();
    },
  };
};
