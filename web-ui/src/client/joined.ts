// One stream on the viewer socket: who watches it here, what they wish together, and where it
// stands. Knows messages, not sockets: what is to be sent goes to `send`.

import { Backoff } from "./backoff.js";
import type { Frame } from "./frame.js";
import { mayReturn, status, type Phase, type Status } from "./status.js";
import type { Delivered, StreamInfo, Wish } from "./types.js";
import { combine, sameWish, said } from "./wish.js";

/** What a viewer measured since it was asked last. */
export interface Feedback {
  age_ms?: number;
  fps?: number;
  dropped?: number;
}

/** Somebody who watches: a player. */
export interface Watcher {
  readonly wish: Wish;
  onframe(frame: Frame): void;
  onstatus(status: Status): void;
  /** Something that was asked for could not be done; watching goes on. */
  onerror?(message: string, code: string): void;
  feedback?(): Feedback | null;
}

export type Send = (type: string, data: Record<string, unknown>) => boolean;

const DENIED = new Set(["unauthorized", "forbidden", "denied", "token_needed", "not_allowed"]);

export class Joined {
  readonly watchers = new Set<Watcher>();
  status: Status = status("connecting");
  #wish: Wish = {};
  #newest: Frame | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #backoff = new Backoff(1000, 10_000);

  constructor(
    readonly id: string,
    private readonly send: Send,
  ) {}

  add(watcher: Watcher): void {
    this.watchers.add(watcher);
    watcher.onstatus(this.status);
    if (this.#newest) watcher.onframe(this.#newest);
  }

  /** Sends the join if the socket is open; the wishes of all are in it. */
  join(): void {
    clearTimeout(this.#retry);
    if (this.#over) return;
    this.#wish = this.#combined();
    if (this.send("join_stream", { stream_id: this.id, ...said(this.#wish) })) {
      this.#set("waiting");
    }
  }

  /** Tells the server if those who watch wish something else together than before. */
  wishChanged(): void {
    const wish = this.#combined();
    if (this.watchers.size === 0 || sameWish(wish, this.#wish)) return;
    this.#wish = wish;
    if (["waiting", "live", "away"].includes(this.status.phase)) {
      this.send("set_quality", { stream_id: this.id, ...said(wish) });
    }
  }

  leave(): void {
    this.#forget();
    this.send("leave_stream", { stream_id: this.id });
  }

  /** The socket is gone, or never came. */
  lost(phase: Phase, reason: string | null): void {
    this.#forget();
    if (this.#over) return;
    this.#set(phase, reason);
  }

  frame(frame: Frame): void {
    if (frame.slate) {
      if (this.status.phase !== "away") this.#set("away", this.status.info?.reason ?? null);
      return;
    }
    this.#newest = frame;
    if (this.status.phase !== "live") this.#set("live");
    for (const watcher of this.watchers) watcher.onframe(frame);
  }

  /** `ahead_ms` is how far the server's clock is ahead of ours. */
  info(info: StreamInfo & { delivered?: Delivered | null }, ahead_ms = 0): void {
    this.#backoff.reset();
    const { delivered = null } = info;
    const before = this.status;
    let phase: Phase = before.phase === "live" ? "live" : "waiting";
    if (info.state === "away") phase = "away";
    else if (before.phase === "away" && info.state === "live") phase = "waiting";
    let since = phase === before.phase ? before.since : Date.now();
    if (phase === "away" && info.state_since) since = Date.parse(info.state_since) - ahead_ms || since;
    const reason = phase === "away" ? info.reason : null;
    this.#tell({ phase, reason, since, info, delivered });
  }

  left(reason: string): void {
    this.#newest = null;
    this.#set("ended", reason || null);
    if (mayReturn(reason)) this.#later();
  }

  error(code: string, message: string): void {
    if (this.status.phase === "live" || this.status.phase === "away") {
      for (const watcher of this.watchers) watcher.onerror?.(message, code);
      return;
    }
    if (code === "unknown_stream" || code === "not_found") this.#set("unknown", message);
    else if (DENIED.has(code)) this.#set("denied", message);
    else this.#set("refused", message);
    this.#later();
  }

  /** What the slowest of those who watch here measured. */
  feedback(): Feedback | null {
    let all: Feedback | null = null;
    for (const watcher of this.watchers) {
      const one = watcher.feedback?.();
      if (!one) continue;
      if (!all || (one.age_ms ?? 0) > (all.age_ms ?? 0)) all = one;
    }
    return all;
  }

  get #over(): boolean {
    return this.status.phase === "ended" && !mayReturn(this.status.reason);
  }

  #combined(): Wish {
    return combine([...this.watchers].map((watcher) => watcher.wish));
  }

  #later(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(
      // Until the answer comes, what is known still holds.
      () => this.send("join_stream", { stream_id: this.id, ...said(this.#wish) }),
      this.#backoff.next(),
    );
  }

  #forget(): void {
    clearTimeout(this.#retry);
    this.#newest = null;
  }

  #set(phase: Phase, reason: string | null = null): void {
    const { info, delivered, since, phase: before, reason: why } = this.status;
    if (phase === before && reason === why) return;
    this.#tell({ phase, reason, since: phase === before ? since : Date.now(), info, delivered });
  }

  #tell(next: Status): void {
    this.status = next;
    for (const watcher of [...this.watchers]) watcher.onstatus(next);
  }
}
