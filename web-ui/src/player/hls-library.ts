// HLS by hls.js: the smaller of its builds has no sound that comes in a playlist of its own. Nothing else imports it: it comes in a file of its own.

import Hls from "hls.js";
import type { Playing, PlayingEvents } from "./hls-playing.js";

/** Faster than this is heard. */
const RATE_MOST = 1.1;
/** What is past is kept so long, in seconds. */
const KEPT = 4;

export function playByLibrary(video: HTMLVideoElement, playlist: string, events: PlayingEvents): Playing {
  const hls = new Hls({
    lowLatencyMode: true,
    maxLiveSyncPlaybackRate: RATE_MOST,
    backBufferLength: KEPT,
    // Its worker would be a script that the policy of pages may forbid, and fragments need no work.
    enableWorker: false,
  });
  hls.on(Hls.Events.BUFFER_CODECS, (_, tracks) => events.sound(Boolean(tracks.audio || tracks.audiovideo?.codec?.includes(","))));
  hls.on(Hls.Events.ERROR, (_, { fatal }) => fatal && events.failed());
  hls.loadSource(playlist);
  hls.attachMedia(video);
  void video.play().catch(() => {});
  const again = setInterval(() => video.paused && void video.play().catch(() => {}), 1000);
  return {
    captured() {
      const at = hls.playingDate?.getTime() ?? Number.NaN;
      return Number.isFinite(at) ? at / 1000 : null;
    },
    stop() {
      clearInterval(again);
      hls.destroy();
    },
  };
}
