// How a video keeps with what comes: a little behind each picture when it arrives, never far. What
// counts is the moment of arrival: between pictures that are rare the video catches up anyway.

/** Much faster while pictures come so early, in seconds before they are due: who has just joined. */
const LATE = 0.5;
/** Faster. */
const EARLY = 0.2;
/** A little faster, which nobody sees. */
const COMFORTABLE = 0.06;
/** Slower: the next picture may come too late. */
const CLOSE = 0.01;
/** Jumps. */
const FAR = 1;
/** So many pictures count. */
const SMOOTHED = 6;
/** So long after the next picture was due it waits, or what comes would be past. */
const PATIENCE = 0.1;

/** With sound browsers stand still when less than this of it is there, in seconds. */
const SLACK = 0.25;

export class Pace {
  /** So much further behind it keeps, in seconds. */
  readonly slack: number;
  #early: number | null = null;
  #last: number | null = null;
  #interval = 1 / 30;

  constructor(heard = false) {
    this.slack = heard ? SLACK : 0;
  }

  /** A picture arrives that is due in `early` seconds; `time` is its place. */
  arrived(time: number, early: number): void {
    if (this.#last !== null) this.#interval += (time - this.#last - this.#interval) / SMOOTHED;
    this.#last = time;
    this.#early = this.#early === null ? early : this.#early + (early - this.#early) / SMOOTHED;
  }

  /** The video was brought to the newest picture. */
  jumped(): void {
    this.#early = null;
  }

  /** The rate to play at `now` on the time line; `jump` is to the newest picture. */
  rate(now: number, fresh: boolean): number | "jump" {
    if (this.#last === null) return 1;
    const behind = this.#last - now;
    if (behind - this.slack > (fresh ? EARLY : FAR)) return "jump";
    if (behind < -this.#interval - PATIENCE) return 0;
    const early = this.#early === null ? COMFORTABLE : this.#early - this.slack;
    if (early > LATE) return 1.5;
    if (early > EARLY) return 1.2;
    if (early > COMFORTABLE) return 1.04;
    return early < CLOSE ? 0.95 : 1;
  }
}
