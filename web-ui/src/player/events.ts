// What the player tells the page around it.

import type { PlayerState } from "./words.js";
import type { TransportName } from "./transport.js";

/** Figures of the last two seconds; counts are since the player began. */
export interface PlayerStats {
  state: PlayerState;
  transport: TransportName | null;
  /** Pictures shown a second. */
  fps: number;
  bitrate_bps: number;
  /** Mean age of the pictures when shown; null if the transport cannot tell. */
  age_ms: number | null;
  /** Not sent by the server, for this viewer was slow or wished fewer. */
  skipped: number;
  /** Came, but not shown: a newer one was there first. */
  dropped: number;
  /** The rendition that comes now. */
  quality: string | null;
  width: number | null;
  height: number | null;
  /** Why less comes than was wished for. */
  reason: string | null;
}

export interface StateChange {
  state: PlayerState;
  reason: string | null;
  /** Milliseconds since 1970. */
  since: number;
}

/** A picture that has just been drawn. */
export interface FrameShown {
  /** When it was captured: seconds since 1970 by the server's clock. */
  timestamp: number;
  /** Counts the pictures of the rendition. */
  frame_number: number;
  /** Null before the clocks are compared. */
  age_ms: number | null;
  width: number;
  height: number;
}

/** What is to be heard. */
export interface VolumeChange {
  muted: boolean;
  /** Whether the stream has sound that can be heard here. */
  sound: boolean;
}

export interface PlayerError {
  /** A sentence. */
  message: string;
  code: string;
}

export interface PlayerEventMap {
  frame: CustomEvent<FrameShown>;
  statechange: CustomEvent<StateChange>;
  stats: CustomEvent<PlayerStats>;
  volumechange: CustomEvent<VolumeChange>;
  error: CustomEvent<PlayerError>;
}
