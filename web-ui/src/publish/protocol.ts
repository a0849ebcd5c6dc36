// What the page and its publishing worker tell each other.

import type { Quality } from "../client/types.js";
import type { LinkState } from "./link.js";

export interface Settings {
  id: string;
  name: string | null;
  quality: Quality;
  /** Null: as the camera gives them. */
  fps: number | null;
  /** 1 to 100. */
  jpegQuality: number;
}

export type ToWorker =
  | { type: "start"; url: string; settings: Settings; pictures: ReadableStream<VideoFrame> | null }
  | { type: "picture"; picture: ImageBitmap | null }
  | { type: "stop" };

/** How publishing goes. */
export interface Report extends LinkState {
  fps: number;
  bytesPerSecond: number;
  width: number;
  height: number;
}

export type FromWorker = { type: "report"; report: Report } | { type: "want" };
