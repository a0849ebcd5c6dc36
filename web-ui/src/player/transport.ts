// How pictures come to the player. Each transport is one file; which one suits stands in choose.ts.

import type { Frame } from "../client/frame.js";
import type { Feedback } from "../client/joined.js";
import type { Status } from "../client/status.js";
import type { Wish } from "../client/types.js";
import type { Address } from "./address.js";

export const TRANSPORTS = ["ws", "mjpeg", "mse", "hls"] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/** What a transport tells the player. */
export interface Sink {
  /** A picture to decode. */
  frame(frame: Frame): void;
  /** A picture came that the transport shows by itself. */
  received(bytes: number, number: number): void;
  /** Such a picture is to be seen; `timestamp` is NaN where it is not known when it was captured. */
  shown(timestamp: number, number: number, width: number, height: number): void;
  /** Whether sound comes with the pictures. */
  sound(there: boolean): void;
  /** The browser cannot play what comes, or nothing comes: another transport has to do it. */
  unfit(reason: string): void;
  status(status: Status): void;
  error(message: string, code: string): void;
  feedback(): Feedback | null;
}

export interface Transport {
  readonly name: TransportName;
  /** Each picture that comes is told, so that rates can be measured here. */
  readonly counts: boolean;
  /** The age of a picture now, in milliseconds; null if it cannot be known. */
  age(timestamp: number): number | null;
  setWish(wish: Wish): void;
  stop(): void;
}

/** Where transports show pictures that the player does not draw itself. */
export interface Screens {
  image: HTMLImageElement;
  video: HTMLVideoElement;
}

export type Start = (address: Address, wish: Wish, sink: Sink, screens: Screens) => Transport;
