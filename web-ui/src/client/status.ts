// What is known of a stream that is being watched: where it stands, and why.

import type { Delivered, StreamInfo } from "./types.js";

/**
 * - `connecting`: to the server
 * - `waiting`: joined; no picture yet
 * - `live`: pictures come
 * - `away`: the source is away; `reason` and `since` say why and since when
 * - `reconnecting`: the connection broke off; it comes back by itself
 * - `blocked`: the server is there, but no WebSocket gets through
 * - `denied`: not let in
 * - `refused`: the server cannot now (too many viewers, …); tried again
 * - `unknown`: there is no such stream now; tried again
 * - `ended`: the stream ended, or an operator closed this viewer
 */
export type Phase =
  | "connecting"
  | "waiting"
  | "live"
  | "away"
  | "reconnecting"
  | "blocked"
  | "denied"
  | "refused"
  | "unknown"
  | "ended";

export interface Status {
  phase: Phase;
  /** A sentence, or null. */
  reason: string | null;
  /** Milliseconds since 1970. */
  since: number;
  info: StreamInfo | null;
  delivered: Delivered | null;
}

/** Whether what ended may come again by itself: not if an operator closed this viewer. */
export function mayReturn(reason: string | null): boolean {
  return !/closed|operator/i.test(reason ?? "");
}

export function status(phase: Phase, reason: string | null = null): Status {
  return { phase, reason, since: Date.now(), info: null, delivered: null };
}
