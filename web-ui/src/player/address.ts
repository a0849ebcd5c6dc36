// Where a player's `src` leads: the root of the server, the stream, the token, the wish.

import type { Quality, Wish } from "../client/types.js";

export interface Address {
  /** The root of the server, with its last slash. */
  base: URL;
  id: string;
  token: string | null;
  /** What the address itself asks for: `?quality=…&fps=…&jpeg_quality=…`. */
  wish: Wish;
}

const QUALITIES: readonly string[] = ["source", "high", "medium", "low"];

/** Reads the address of a stream's page, relative to `document`; null if it is none. */
export function parseAddress(src: string, document: string): Address | null {
  let url: URL;
  try {
    url = new URL(src, document);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  const parts = /^(.*\/)streams\/([^/]+)\/?$/.exec(url.pathname);
  if (!parts?.[1] || !parts[2]) return null;
  let id: string;
  try {
    id = decodeURIComponent(parts[2]);
  } catch {
    return null;
  }
  const query = url.searchParams;
  return {
    base: new URL(parts[1], url.origin),
    id,
    token: query.get("token"),
    wish: {
      quality: quality(query.get("quality")),
      fps: number(query.get("fps")),
      jpeg_quality: number(query.get("jpeg_quality")),
    },
  };
}

export function quality(text: string | null): Quality | null {
  return text !== null && QUALITIES.includes(text) ? (text as Quality) : null;
}

export function number(text: string | null): number | null {
  const value = Number(text);
  return text !== null && text !== "" && Number.isFinite(value) && value > 0 ? value : null;
}
