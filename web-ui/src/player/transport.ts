// How pictures come to the player. Each transport is one file; `auto` begins with the first.

import type { Frame } from "../client/frame.js";
import type { Feedback } from "../client/joined.js";
import type { Status } from "../client/status.js";
import type { Wish } from "../client/types.js";
import type { Address } from "./address.js";

export type TransportName = "ws" | "mjpeg";

/** What a transport tells the player. */
export interface Sink {
  /** A picture to decode. */
  frame(frame: Frame): void;
  status(status: Status): void;
  error(message: string, code: string): void;
  feedback(): Feedback | null;
}

export interface Transport {
  readonly name: TransportName;
  /** The age of a picture now, in milliseconds; null if it cannot be known. */
  age(timestamp: number): number | null;
  setWish(wish: Wish): void;
  stop(): void;
}

export type Start = (address: Address, wish: Wish, sink: Sink, image: HTMLImageElement) => Transport;
