// The viewer's wish stands in the page's own address, so that a link carries it along.

import type { Wish } from "../../client/types.js";
import { said } from "../../client/wish.js";
import { number, quality } from "../../player/address.js";

export function wishOf(search: string): Wish {
  const query = new URLSearchParams(search);
  return {
    quality: quality(query.get("quality")),
    fps: number(query.get("fps")),
    jpeg_quality: number(query.get("jpeg_quality")),
  };
}

/** The query of a wish, with its question mark, or nothing. */
export function queryOf(wish: Wish): string {
  const query = new URLSearchParams(
    Object.entries(said(wish)).map(([name, value]) => [name, String(value)]),
  );
  return query.size ? `?${query}` : "";
}
