// What both ways to play HLS have in common. The library's file may import types alone, or the
// player would come in two files.

export interface PlayingEvents {
  sound(there: boolean): void;
  /** It ended, and does not go on by itself. */
  failed(): void;
}

export interface Playing {
  /** When what is seen was captured: seconds since 1970 by the server's clock; null if that is not told. */
  captured(): number | null;
  stop(): void;
}

/** Tells of the pictures of a video, until it is stopped. */
export function follow(video: HTMLVideoElement, shown: () => void): () => void {
  let stopped = false;
  if (!video.requestVideoFrameCallback) {
    // Older ones tell now and then how far they are.
    video.addEventListener("timeupdate", shown);
    return () => video.removeEventListener("timeupdate", shown);
  }
  const next = () =>
    video.requestVideoFrameCallback(() => {
      if (stopped) return;
      shown();
      next();
    });
  next();
  return () => {
    stopped = true;
  };
}
