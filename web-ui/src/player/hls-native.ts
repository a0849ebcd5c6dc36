// HLS by the browser itself.

import type { Playing, PlayingEvents } from "./hls-playing.js";

const CHECK_EVERY_MS = 1000;
/** Further behind, in seconds, it jumps: a tab that was in the background, a link that was gone. */
const FAR = 8;

/** What Safari's videos have beside those of others. */
interface SafariVideo {
  getStartDate?(): Date;
  audioTracks?: { length: number };
}

export function playNative(video: HTMLVideoElement, playlist: string, events: PlayingEvents): Playing {
  const safari = video as SafariVideo;
  video.onerror = events.failed;
  video.onended = events.failed;
  video.onloadedmetadata = () => events.sound((safari.audioTracks?.length ?? 0) > 0);
  video.src = playlist;
  void video.play().catch(() => {});
  const timer = setInterval(() => {
    if (video.paused) void video.play().catch(() => {});
    const { seekable } = video;
    const end = seekable.length > 0 ? seekable.end(seekable.length - 1) : 0;
    if (end - video.currentTime > FAR) video.currentTime = end;
  }, CHECK_EVERY_MS);
  return {
    captured() {
      const start = safari.getStartDate?.().getTime() ?? Number.NaN;
      return Number.isFinite(start) ? start / 1000 + video.currentTime : null;
    },
    stop() {
      clearInterval(timer);
      video.onerror = video.onended = video.onloadedmetadata = null;
      video.pause();
    },
  };
}
