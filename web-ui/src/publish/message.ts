// What a producer sends: the message that starts a stream, and pictures in the `binary` format
// (u32 length of the header, the header as JSON, the JPEG). Pure.

import type { Quality } from "../client/types.js";

export interface PictureHeader {
  stream_id: string;
  /** When it was captured: seconds since 1970 by the server's clock. */
  timestamp: number;
  frame_number: number;
}

const LENGTH_BYTES = 4;
const text = new TextEncoder();

/** The message that starts a stream. Pictures come as they are to be shown, so nothing but the
 * name is asked of the server. */
export function startMessage(name: string | null): string {
  const data: Record<string, string> = { content_type: "image/jpeg", format: "binary" };
  if (name) data.name = name;
  return JSON.stringify({ type: "start_stream", data });
}

export function pictureMessage(header: PictureHeader, jpeg: ArrayBuffer): ArrayBuffer {
  const head = text.encode(JSON.stringify(header));
  const message = new Uint8Array(LENGTH_BYTES + head.length + jpeg.byteLength);
  new DataView(message.buffer).setUint32(0, head.length);
  message.set(head, LENGTH_BYTES);
  message.set(new Uint8Array(jpeg), LENGTH_BYTES + head.length);
  return message.buffer;
}

const HEIGHTS: Record<Quality, number> = { source: Infinity, high: 720, medium: 480, low: 320 };

/** The size to send a picture in: as high as the quality says, aspect kept, never scaled up. Even, as
 * JPEG and every video coder like it. */
export function sizeFor(quality: Quality, width: number, height: number): { width: number; height: number } {
  const factor = Math.min(1, HEIGHTS[quality] / height);
  if (factor === 1) return { width, height };
  const even = (value: number) => Math.max(2, Math.round((value * factor) / 2) * 2);
  return { width: even(width), height: even(height) };
}

/** An id made of a name, as the server takes it: letters, digits, `-`, `_`, `.`; at most 64. */
export function idFrom(name: string): string {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  return plain
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 64);
}

/** What is wrong with an id, or null. */
export function wrongId(id: string): string | null {
  if (/^(?!\.)[A-Za-z0-9._-]{1,64}$/.test(id)) return null;
  if (id.length > 64) return "Use at most 64 characters.";
  return "Use letters, digits, “-”, “_” or “.”, not starting with “.”.";
}
