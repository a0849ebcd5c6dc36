// In which order the tiles stand, how they are laid out, and which is the big one: what a
// visitor chose, kept in this browser.

import type { Columns } from "./wall-layout.js";

export interface Choices {
  order: string[];
  columns: Columns;
  big: string | null;
  /** The panel on how to add a camera was put away. */
  helped: boolean;
  /** Names stand on the tiles all the time. */
  named: boolean;
}

const DEFAULTS: Choices = { order: [], columns: "auto", big: null, helped: false, named: false };
const IDS_KEPT = 256;

/** The ids as the visitor ordered them; those never placed come last, in the server's order. */
export function arrange(ids: string[], order: string[]): string[] {
  const place = new Map(order.map((id, index) => [id, index]));
  const known = ids.filter((id) => place.has(id));
  known.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
  return [...known, ...ids.filter((id) => !place.has(id))];
}

/** `shown` with `id` moved to a place. */
export function move(shown: string[], id: string, to: number): string[] {
  const without = shown.filter((one) => one !== id);
  without.splice(Math.max(0, Math.min(to, without.length)), 0, id);
  return without;
}

/** The order to keep, so that a stream that is not shown now returns to where it was:
 * behind the one that it stood behind. */
export function remember(order: string[], shown: string[]): string[] {
  const visible = new Set(shown);
  const result = [...shown];
  order.forEach((id, index) => {
    if (visible.has(id) || result.includes(id)) return;
    const before = order.slice(0, index).reverse().find((one) => result.includes(one));
    result.splice(before === undefined ? 0 : result.indexOf(before) + 1, 0, id);
  });
  return result.slice(0, IDS_KEPT);
}

export function load(storage: Pick<Storage, "getItem"> | null, key: string): Choices {
  try {
    const kept = JSON.parse(storage?.getItem(key) ?? "{}") as Partial<Choices>;
    return {
      order: Array.isArray(kept.order) ? kept.order.filter((id) => typeof id === "string") : [],
      columns: [1, 2, 3, 4].includes(Number(kept.columns)) ? (kept.columns as Columns) : "auto",
      big: typeof kept.big === "string" ? kept.big : null,
      helped: kept.helped === true,
      named: kept.named === true,
    };
  } catch {
    return { ...DEFAULTS };
  }
}

/** Where a browser keeps nothing, the choices hold until the page is left. */
export function save(storage: Pick<Storage, "setItem"> | null, key: string, choices: Choices): void {
  try {
    storage?.setItem(key, JSON.stringify(choices));
  } catch {
    // Full, or forbidden.
  }
}

/** Whether a stream is meant by what was typed into the filter: each word is in its name, id or source. */
export function matches(filter: string, stream: { stream_id: string; name?: string | null; source: string; state: string }): boolean {
  const text = `${stream.stream_id} ${stream.name ?? ""} ${stream.source} ${stream.state}`.toLowerCase();
  return filter.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}
