// The transport that runs, and when it has to be another: when it gets known how the stream is
// coded, when the wish changes, when it turns out not to work here.

import { status as newStatus, type Status } from "../client/status.js";
import type { Wish } from "../client/types.js";
import type { Address } from "./address.js";
import { choose } from "./choose.js";
import type { Sink, Start, Transport, TransportName } from "./transport.js";

/** Not shown in the browser's own small window, which takes its pictures from the canvas. */
const VIDEOS: TransportName[] = ["mse", "hls"];

/** The player. */
export interface Host extends Pick<Sink, "frame" | "received" | "shown" | "feedback"> {
  readonly asked: "auto" | TransportName;
  readonly wish: Wish;
  /** It is in a small window of its own. */
  readonly floats: boolean;
  screens: Parameters<Start>[3];
  /** A transport begins; before it tells anything. */
  starting(name: Start): void;
  sound(there: boolean): void;
  /** The status is another. */
  told(): void;
  failed(message: string, code: string): void;
}

export class Session {
  transport: Transport | null = null;
  status: Status | null = null;
  /** When the transport began, by `performance.now()`. */
  startedAt = 0;
  #address: Address | null = null;
  #started: Start | null = null;
  #unfit = new Set<TransportName>();
  #wishing = false;

  constructor(private readonly host: Host) {}

  get name(): TransportName | null {
    return this.transport?.name ?? null;
  }

  /** Another stream: what did not work may do so there. */
  forget(wholly: boolean): void {
    this.#unfit.clear();
    if (wholly) this.status = null;
  }

  start(address: Address): void {
    const choice = this.#choice();
    const early: Status[] = [];
    let ready = false;
    const { host } = this;
    this.#address = address;
    this.#started = choice;
    this.status = { ...newStatus("connecting"), info: this.status?.info ?? null };
    this.startedAt = performance.now();
    host.starting(choice);
    const sink: Sink = {
      frame: (frame) => host.frame(frame),
      received: (bytes, number) => host.received(bytes, number),
      shown: (...picture) => host.shown(...picture),
      feedback: () => host.feedback(),
      sound: (there) => host.sound(there),
      unfit: (reason) => this.#turnAway(reason),
      // A status may come before the transport is in our hands.
      status: (status) => (ready ? this.#told(status) : early.push(status)),
      error: (message, code) => host.failed(message, code),
    };
    this.transport = choice(address, host.wish, sink, host.screens);
    ready = true;
    for (const status of early) this.#told(status);
  }

  stop(): void {
    this.transport?.stop();
    this.transport = null;
    this.host.sound(false);
  }

  /** Several attributes set in a row are one wish: each would start a rendition of its own. */
  wishSoon(): void {
    if (this.#wishing) return;
    this.#wishing = true;
    queueMicrotask(() => {
      this.#wishing = false;
      if (!this.#again()) this.transport?.setWish(this.host.wish);
    });
  }

  #told(status: Status): void {
    // What was told of the stream holds until it is told anew.
    this.status = { ...status, info: status.info ?? this.status?.info ?? null };
    if (status.phase === "blocked") for (const name of ["ws", "mse"] as const) this.#unfit.add(name);
    // Another may be better now that it is known how the stream is coded, or that it has changed.
    if (!this.#again()) this.host.told();
  }

  #turnAway(reason: string): void {
    if (this.transport) this.#unfit.add(this.transport.name);
    this.host.failed(reason, "not_playable");
    this.#again();
  }

  /** Begins another transport if that is better; whether it did. */
  #again(): boolean {
    if (!this.transport || !this.#address || this.#choice() === this.#started) return false;
    this.stop();
    this.start(this.#address);
    this.host.told();
    return true;
  }

  #choice(): Start {
    const { asked, wish, floats } = this.host;
    const unfit = floats ? new Set([...this.#unfit, ...VIDEOS]) : this.#unfit;
    return choose({ asked, unfit, wish, codec: this.status?.info?.codec });
  }
}
