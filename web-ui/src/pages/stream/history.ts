// The last two minutes of a viewer's figures, as columns for graphs. A second without pictures is a
// gap, not a zero.

import type { PlayerStats } from "../../player/events.js";

export const SECONDS = 120;

type Figure = number | null;

/** Columns of the same length: time in seconds since 1970, then the figures. */
export interface Columns {
  time: number[];
  age_ms: Figure[];
  fps: Figure[];
  bitrate_mbps: Figure[];
  skipped: Figure[];
}

export class History {
  readonly columns: Columns = { time: [], age_ms: [], fps: [], bitrate_mbps: [], skipped: [] };
  #skipped: number | null = null;

  /** `time` in seconds; figures older than two minutes before it are let go. */
  add(time: number, stats: PlayerStats): void {
    const live = stats.state === "live";
    const skipped = stats.skipped + stats.dropped;
    // A player that begins anew counts from zero.
    const since = this.#skipped === null || skipped < this.#skipped ? 0 : skipped - this.#skipped;
    this.#skipped = skipped;
    const { columns } = this;
    columns.time.push(time);
    columns.age_ms.push(live ? stats.age_ms : null);
    columns.fps.push(live ? stats.fps : null);
    columns.bitrate_mbps.push(live ? stats.bitrate_bps / 1e6 : null);
    columns.skipped.push(live ? since : null);
    while ((columns.time[0] ?? time) < time - SECONDS) {
      for (const column of Object.values(columns) as Figure[][]) column.shift();
    }
  }
}
