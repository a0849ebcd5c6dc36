// What a tile asks for: a picture no larger than it is shown. Pure.

import type { Quality } from "../client/types.js";

/** Up to these heights in the screen's own pixels; a little enlarged still looks well. */
const UP_TO: [number, Quality][] = [
  [380, "low"],
  [580, "medium"],
  [860, "high"],
];
/** A tile at the border between two sizes keeps what it has. */
const SLACK = 0.08;

export function wishFor(height: number, now: Quality | null = null): Quality {
  const pick = (pixels: number) => UP_TO.find(([most]) => pixels <= most)?.[1] ?? "source";
  const wanted = pick(height);
  if (now && (pick(height * (1 - SLACK)) === now || pick(height * (1 + SLACK)) === now)) return now;
  return wanted;
}
