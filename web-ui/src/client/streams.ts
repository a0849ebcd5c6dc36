// The streams as they are now: asked for every few seconds for the figures, and told by
// events of what changes between.

import { ApiError, type Api } from "./rest.js";
import type { Events } from "./events.js";
import type { StreamInfo } from "./types.js";

const ASK_EVERY_MS = 2000;

/** What is known: the streams in the server's order, and why nothing newer is. */
export interface Known {
  streams: StreamInfo[];
  /** False until the first answer. */
  asked: boolean;
  error: ApiError | null;
}

/** Calls `onchange` now and at every change, while the page is to be seen, until the returned
 * function is called. */
export function watchStreams(
  api: Api,
  events: Events,
  onchange: (known: Known) => void,
): () => void {
  const known: Known = { streams: [], asked: false, error: null };
  const tell = () => onchange({ ...known, streams: [...known.streams] });
  let told = 0;
  let skipped = false;

  const loop = repeat(ASK_EVERY_MS, async () => {
    try {
      const before = told;
      const { streams } = await api.streams();
      // An answer that an event has overtaken may be older than the event.
      if (told !== before && !skipped) {
        skipped = true;
        return loop.now();
      }
      skipped = false;
      known.streams = streams;
      known.asked = true;
      known.error = null;
    } catch (error) {
      known.error = asApiError(error);
    }
    tell();
  });

  const silence = events.listen((event) => {
    if (event.name.startsWith("stream_")) told += 1;
    switch (event.name) {
      case "stream_added":
      case "stream_changed": {
        const { info } = event.data;
        if (!info) return loop.now();
        const at = known.streams.findIndex((one) => one.stream_id === info.stream_id);
        if (at < 0) known.streams.push(info);
        else known.streams[at] = info;
        return tell();
      }
      case "stream_removed":
        known.streams = known.streams.filter((one) => one.stream_id !== event.data.stream_id);
        return tell();
      case "hello":
      case "missed":
        return loop.now();
    }
  });

  return () => {
    loop.stop();
    silence();
  };
}

/** Calls `work` now and again `ms` after it has ended, while the page is to be seen. */
export function repeat(ms: number, work: () => Promise<void>): { now(): void; stop(): void } {
  let timer = 0;
  let running = false;
  let again = false;
  let stopped = false;
  const round = async () => {
    if (stopped || document.hidden) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    clearTimeout(timer);
    try {
      await work();
    } finally {
      running = false;
    }
    if (!stopped) timer = window.setTimeout(round, again ? 0 : ms);
    again = false;
  };
  const onvisible = () => void round();
  document.addEventListener("visibilitychange", onvisible);
  void round();
  return {
    now: () => void round(),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onvisible);
    },
  };
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(error instanceof Error ? error.message : String(error), 0, "");
}
