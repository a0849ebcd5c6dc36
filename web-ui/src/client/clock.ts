// How far the server's clock is from ours, so that the age of a picture can be told. Of the last
// exchanges the one with the shortest round trip is believed: it was delayed least, and its
// error is at most half of that trip.

const EXCHANGES_KEPT = 8;

/** Seconds since 1970 by our clock; does not jump when the system's clock is set. */
export function now(): number {
  return (performance.timeOrigin + performance.now()) / 1000;
}

export class ServerClock {
  #exchanges: { roundTrip: number; offset: number }[] = [];

  /** An exchange: when it was sent and answered by our clock, and what the server's said. */
  add(sent: number, server: number, received: number): void {
    const roundTrip = received - sent;
    if (!(roundTrip >= 0) || !Number.isFinite(server)) return;
    this.#exchanges.push({ roundTrip, offset: server - (sent + received) / 2 });
    if (this.#exchanges.length > EXCHANGES_KEPT) this.#exchanges.shift();
  }

  /** Seconds to add to our clock; null before the first exchange. */
  get offset(): number | null {
    return this.#best?.offset ?? null;
  }

  /** The shortest of the last round trips, in seconds. */
  get roundTrip(): number | null {
    return this.#best?.roundTrip ?? null;
  }

  /** The age of something stamped by the server's clock, in milliseconds. */
  age(timestamp: number, at = now()): number | null {
    const { offset } = this;
    if (offset === null || !Number.isFinite(timestamp)) return null;
    return (at + offset - timestamp) * 1000;
  }

  /** After a reconnect: it may be another server. */
  forget(): void {
    this.#exchanges = [];
  }

  get #best() {
    return this.#exchanges.reduce<{ roundTrip: number; offset: number } | null>(
      (best, one) => (best === null || one.roundTrip < best.roundTrip ? one : best),
      null,
    );
  }
}
