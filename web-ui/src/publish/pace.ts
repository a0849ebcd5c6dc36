// When the next picture is due: at the rate asked for while somebody watches, else one now and
// then, so that who comes finds a recent one.

/** Between pictures while nobody watches. */
export const UNWATCHED_MS = 3000;

export class Pace {
  watched = true;
  #next = 0;

  /** `fps` null: every picture that the camera gives. */
  constructor(readonly fps: number | null) {}

  /** Milliseconds until a picture is due; 0 if one is. A camera's pictures do not come evenly, so
   * one that is a little early is taken. */
  wait(now: number): number {
    const early = this.watched && this.fps ? 300 / this.fps : 0;
    return Math.max(0, this.#next - early - now);
  }

  /** A picture was taken at `now`. */
  taken(now: number): void {
    const step = this.watched ? (this.fps ? 1000 / this.fps : 0) : UNWATCHED_MS;
    // Keeps the rate on average, but does not catch up after a pause.
    this.#next = Math.max(this.#next + step, now + step / 2);
    if (!this.watched) this.#next = now + step;
  }

  /** True if somebody watches now who did not before: a picture is due at once. */
  setWatched(watched: boolean): void {
    if (watched && !this.watched) this.#next = 0;
    this.watched = watched;
  }
}

/** How many a second, over the last seconds. */
export class Rate {
  #entries: { at: number; amount: number }[] = [];

  constructor(private readonly windowMs = 3000) {}

  add(at: number, amount = 1): void {
    this.#entries.push({ at, amount });
  }

  perSecond(now: number): number {
    this.#entries = this.#entries.filter((entry) => entry.at > now - this.windowMs);
    return (this.#entries.reduce((sum, entry) => sum + entry.amount, 0) * 1000) / this.windowMs;
  }
}
