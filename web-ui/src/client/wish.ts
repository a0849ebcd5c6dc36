// Wishes of viewers: several players of one stream share a join, so what is asked for is the most
// that any of them wants.

import type { Quality, Wish } from "./types.js";

const RANK: Quality[] = ["low", "medium", "high", "source"];

/** The wish that serves all of them. What is left open counts as the most. */
export function combine(wishes: Wish[]): Wish {
  const most = <T>(values: (T | null | undefined)[], compare: (a: T, b: T) => number): T | null => {
    const said = values.filter((value): value is T => value !== null && value !== undefined);
    if (said.length < values.length) return null;
    return said.reduce<T | null>((best, one) => (best === null || compare(one, best) > 0 ? one : best), null);
  };
  const sources = wishes.some((wish) => wish.quality === "source");
  return {
    quality: sources
      ? "source"
      : most(wishes.map((wish) => wish.quality), (a, b) => RANK.indexOf(a) - RANK.indexOf(b)),
    fps: most(wishes.map((wish) => wish.fps), (a, b) => a - b),
    jpeg_quality: most(wishes.map((wish) => wish.jpeg_quality), (a, b) => a - b),
  };
}

/** Only what is asked for: a message without a value leaves it to the server. */
export function said(wish: Wish): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(wish).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** What of a wish is for H.264. */
export function codedWish({ quality = null, fps = null }: Wish): Record<"quality" | "fps", string | number | null> {
  return { quality, fps };
}

export function sameWish(a: Wish, b: Wish): boolean {
  const open = (value: unknown) => value ?? null;
  return (
    open(a.quality) === open(b.quality) &&
    open(a.fps) === open(b.fps) &&
    open(a.jpeg_quality) === open(b.jpeg_quality)
  );
}
