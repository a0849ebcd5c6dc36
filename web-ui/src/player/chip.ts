// The few words in the corner of a picture that is shown: what is not as one would think.

import { reasonWords } from "../parts/format.js";
import type { PlayerState } from "./words.js";

/** A live stream without a new picture for so long is told. */
const STALE_AFTER_MS = 3000;
/** A slow stream may miss so many pictures. */
const USUAL_PICTURES = 4;

export interface Shown {
  state: PlayerState;
  /** There is a picture, be it an old one. */
  picture: boolean;
  /** The player has a bar that says whether it is paused. */
  controls: boolean;
  /** Since the last picture, where they are counted. */
  silent_ms: number | null;
  /** Of the stream. */
  fps: number;
  /** Why less is delivered than was asked for. */
  reason: string | null;
}

export function chip({ state, picture, controls, silent_ms, fps, reason }: Shown): string | null {
  if (state === "paused") return picture && !controls ? "Paused" : null;
  if (state !== "live") return null;
  const usual = (USUAL_PICTURES * 1000) / Math.max(fps, 0.01);
  if (silent_ms !== null && silent_ms > Math.max(STALE_AFTER_MS, usual)) {
    return `No new picture for ${Math.round(silent_ms / 1000)} s`;
  }
  return reason ? reasonWords(reason).replace(/\.$/, "") : null;
}
