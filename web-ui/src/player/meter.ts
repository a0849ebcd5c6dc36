// Counts what comes and what is shown: rates over a sliding window, skips by the gaps between
// the numbers of pictures. Times are arguments, in milliseconds.

import type { Feedback } from "../client/joined.js";

const WINDOW_MS = 2000;

interface Shown {
  at: number;
  age_ms: number | null;
}

export class Meter {
  /** Pictures that the server did not send to this viewer. */
  skipped = 0;
  /** Pictures that came but were not shown: a newer one was there first. */
  dropped = 0;
  #droppedTold = 0;
  #began: number | null = null;
  #shown: Shown[] = [];
  #received: { at: number; bytes: number }[] = [];
  #last: { number: number; quality: string } | null = null;

  received(at: number, bytes: number, number: number, quality: string): void {
    this.#began ??= at;
    this.#received.push({ at, bytes });
    // Each rendition counts for itself.
    if (this.#last && this.#last.quality === quality && number > this.#last.number) {
      this.skipped += number - this.#last.number - 1;
    }
    this.#last = Number.isFinite(number) ? { number, quality } : null;
  }

  shown(at: number, age_ms: number | null): void {
    this.#shown.push({ at, age_ms });
  }

  /** After a pause: what was not asked for was not skipped. */
  restart(): void {
    this.#began = null;
    this.#last = null;
    this.#shown = [];
    this.#received = [];
  }

  /** Pictures shown a second. */
  fps(at: number): number {
    return this.#rate(at, this.#within(this.#shown, at).length);
  }

  /** Bits received a second. */
  bitrate(at: number): number {
    const bytes = this.#within(this.#received, at).reduce((sum, one) => sum + one.bytes, 0);
    return this.#rate(at, bytes * 8);
  }

  /** The mean age of the pictures when they were shown, in milliseconds. */
  age(at: number): number | null {
    const ages = this.#within(this.#shown, at).flatMap((one) => one.age_ms ?? []);
    return ages.length ? ages.reduce((sum, one) => sum + one, 0) / ages.length : null;
  }

  /** What the server is told of it; drops once. */
  feedback(at: number): Feedback {
    const dropped = this.dropped - this.#droppedTold;
    this.#droppedTold = this.dropped;
    const age = this.age(at);
    const feedback: Feedback = { fps: Math.round(this.fps(at) * 10) / 10, dropped };
    if (age !== null) feedback.age_ms = Math.max(0, Math.round(age));
    return feedback;
  }

  #within<T extends { at: number }>(list: T[], at: number): T[] {
    while (list[0] && list[0].at <= at - WINDOW_MS) list.shift();
    return list;
  }

  #rate(at: number, count: number): number {
    if (this.#began === null) return 0;
    // In the first seconds the window is not full yet.
    const seconds = Math.min(WINDOW_MS, Math.max(at - this.#began, 500)) / 1000;
    return count / seconds;
  }
}
