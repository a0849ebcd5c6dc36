// How long to wait before the next attempt: doubling, with jitter, so that the viewers
// of a server that comes back do not all come in the same instant.

export class Backoff {
  #attempts = 0;

  constructor(
    readonly firstMs: number,
    readonly mostMs: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** The wait before the next attempt, in milliseconds: between half of the step and all. */
  next(): number {
    const step = Math.min(this.firstMs * 2 ** this.#attempts, this.mostMs);
    this.#attempts = Math.min(this.#attempts + 1, 30);
    return step * (0.5 + this.random() / 2);
  }

  /** After success. */
  reset(): void {
    this.#attempts = 0;
  }
}
