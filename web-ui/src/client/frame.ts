// The `binary` format of pictures on the viewer's WebSocket: u32 length of the header, the
// header as JSON, the JPEG. Total: whatever comes, the answer is a frame or null.

/** One picture as it came; `jpeg` points into the message, nothing is copied. */
export interface Frame {
  stream_id: string;
  /** When it was captured: seconds since 1970 by the server's clock. */
  timestamp: number;
  /** Counts the pictures of the rendition. */
  frame_number: number;
  quality: string;
  /** Stands in for a picture while the source is away. */
  slate: boolean;
  jpeg: Uint8Array<ArrayBuffer>;
}

const LENGTH_BYTES = 4;
const HEADER_MOST_BYTES = 4096;
const text = new TextDecoder();

export function parseFrame(message: ArrayBuffer): Frame | null {
  if (message.byteLength < LENGTH_BYTES) return null;
  const length = new DataView(message).getUint32(0);
  const start = LENGTH_BYTES + length;
  if (length > HEADER_MOST_BYTES || start > message.byteLength) return null;
  let header: unknown;
  try {
    header = JSON.parse(text.decode(new Uint8Array(message, LENGTH_BYTES, length)));
  } catch {
    return null;
  }
  if (typeof header !== "object" || header === null) return null;
  const { stream_id, timestamp, frame_number, quality, slate } = header as Record<string, unknown>;
  if (typeof stream_id !== "string") return null;
  return {
    stream_id,
    timestamp: typeof timestamp === "number" ? timestamp : NaN,
    frame_number: typeof frame_number === "number" ? frame_number : NaN,
    quality: typeof quality === "string" ? quality : "source",
    slate: slate === true,
    jpeg: new Uint8Array(message, start),
  };
}
