// HLS in a <video>: for browsers without Media Source, and for ways through which nothing else
// gets. The browser plays it by itself, as iPhones do, or hls.js does, which is fetched only then.

import { Backoff } from "../client/backoff.js";
import { ServerClock, now } from "../client/clock.js";
import { Api } from "../client/rest.js";
import { codedWish } from "../client/wish.js";
import { mediaSource } from "./feed.js";
import { Inquiry } from "./inquiry.js";
import { follow, type Playing } from "./hls-playing.js";
import { playNative } from "./hls-native.js";
import type { Start } from "./transport.js";

/** A live stream without a new picture for so long has got stuck. */
const STUCK_AFTER_MS = 12_000;
/** So often in a row nothing may come. */
const TRIES = 3;
const CLOCK_EVERY_MS = 10_000;
const TYPE = "application/vnd.apple.mpegurl";

/** Whether the browser plays HLS by itself. Chromium says so, too, but what it plays is seconds older. */
export function hlsNative(): boolean {
  if (!globalThis.navigator?.vendor?.startsWith("Apple") || !globalThis.document) return false;
  return document.createElement("video").canPlayType(TYPE) !== "";
}

/** Whether HLS can be played here one way or the other. */
export function hlsAvailable(): boolean {
  return hlsNative() || (mediaSource()?.isTypeSupported('video/mp4; codecs="avc1.42e01e"') ?? false);
}

export const hls: Start = (address, asked, sink, { video }) => {
  const api = new Api(address.base, address.token);
  const backoff = new Backoff(500, 8000);
  const clock = new ServerClock();
  let wish = asked;
  let playing: Playing | null = null;
  let unfollow = () => {};
  let again: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let round = 0;
  let shown = 0;
  let shownAt = 0;
  let tries = 0;

  const begin = async () => {
    const mine = ++round;
    shownAt = Date.now();
    const play = hlsNative() ? playNative : await library();
    if (stopped || mine !== round) return;
    if (!play) return sink.unfit("What plays HLS could not be fetched");
    unfollow = follow(video, see);
    const path = `streams/${encodeURIComponent(address.id)}/hls/index.m3u8`;
    playing = play(video, api.url(path, codedWish(wish)).href, {
      sound: (there) => sink.sound(there),
      failed: () => mine === round && later(),
    });
  };
  const see = () => {
    shownAt = Date.now();
    shown += 1;
    tries = 0;
    backoff.reset();
    const captured = playing?.captured() ?? null;
    sink.shown(captured ?? Number.NaN, shown, video.videoWidth, video.videoHeight);
    if (shown === 1) inquiry.tell();
  };
  const end = () => {
    round += 1;
    unfollow();
    playing?.stop();
    playing = null;
    clearTimeout(again);
  };
  const later = () => {
    end();
    shown = 0;
    tries += 1;
    if (tries >= TRIES && inquiry.expected) return sink.unfit("HLS gets no pictures from the server");
    again = setTimeout(() => void begin(), backoff.next());
    inquiry.tell();
  };
  const inquiry = new Inquiry(api, address.id, {
    seen: () => ({ shown: shown > 0, cut: playing === null }),
    status: (status) => sink.status(status),
    told(info) {
      if (info?.state !== "live") shownAt = Date.now();
      if (playing && Date.now() - shownAt > STUCK_AFTER_MS) later();
    },
  });
  const compare = async () => {
    const sent = now();
    const server = await api.time().catch(() => Number.NaN);
    clock.add(sent, server, now());
  };
  const timer = setInterval(() => void compare(), CLOCK_EVERY_MS);
  void compare();
  void begin();

  return {
    name: "hls",
    counts: false,
    age: (timestamp) => clock.age(timestamp),
    setWish(next) {
      const same = JSON.stringify(codedWish(next)) === JSON.stringify(codedWish(wish));
      wish = next;
      if (same) return;
      end();
      void begin();
    },
    stop() {
      stopped = true;
      clearInterval(timer);
      end();
      inquiry.stop();
    },
  };
};

/** hls.js, or null when it cannot be had. */
async function library() {
  try {
    return (await import("./hls-library.js")).playByLibrary;
  } catch {
    return null;
  }
}
