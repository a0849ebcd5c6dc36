// What stands in a message of `/mse` beside the pictures: when one was captured, and where it is
// on the time line. Total: whatever comes, the answer is an entry or null.

export interface Entry {
  /** Seconds on the track's time line. */
  time: number;
  /** When it was captured: seconds since 1970 by the server's clock. */
  timestamp: number;
  /** Counts the pictures. */
  number: number;
  /** Decoding can start with it. */
  key: boolean;
}

const TIMESCALE = 90_000;
/** From 1900, where NTP counts from. */
const SECONDS_TO_1970 = 2_208_988_800;
/** The box of the capture time, and the header of the fragment up to its number. */
const NEEDED_BYTES = 32 + 24;
/** The track with the pictures; sound is another. */
const PICTURES = 1;

const MOOV = 0x6d6f6f76;
const PRFT = 0x70726674;

/** Walks the boxes up to the one with the times (`prft`), behind which the fragment begins. Sound has none of its own. */
export function parseFragment(message: ArrayBuffer): Entry | null {
  const view = new DataView(message);
  let key = false;
  for (let at = 0; at + NEEDED_BYTES <= view.byteLength; ) {
    const length = view.getUint32(at);
    const kind = view.getUint32(at + 4);
    // Only key pictures have an initialisation segment before them.
    if (kind === MOOV) key = true;
    if (kind === PRFT && view.getUint32(at + 12) === PICTURES) {
      const ntp = view.getUint32(at + 16) + view.getUint32(at + 20) / 2 ** 32;
      return {
        time: Number(view.getBigUint64(at + 24)) / TIMESCALE,
        timestamp: ntp - SECONDS_TO_1970,
        number: view.getUint32(at + 52),
        key,
      };
    }
    if (length < 8) return null;
    at += length;
  }
  return null;
}

const TRAK = 0x7472616b;
const MVEX = 0x6d766578;
const TREX = 0x74726578;

/** A message as if there were no sound in its initialisation segment. */
export function picturesOnly(message: ArrayBuffer): ArrayBuffer {
  const all = new Uint8Array(message);
  const parts = boxes(all).map((box) => (kindOf(box) === MOOV ? filtered(box) : box));
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out.buffer;
}

/** A box that holds others, without those of other tracks than the pictures'. */
function filtered(box: Uint8Array): Uint8Array {
  const kept = boxes(box.subarray(8))
    .filter((child) => {
      if (kindOf(child) === TREX) return at32(child, 12) === PICTURES;
      if (kindOf(child) !== TRAK) return true;
      // A track begins with its header, whose times are longer in another version of it.
      return at32(child, child[16] === 1 ? 36 : 28) === PICTURES;
    })
    .map((child) => (kindOf(child) === MVEX ? filtered(child) : child));
  const out = new Uint8Array(kept.reduce((sum, child) => sum + child.length, 8));
  out.set(box.subarray(0, 8));
  new DataView(out.buffer).setUint32(0, out.length);
  let at = 8;
  for (const child of kept) {
    out.set(child, at);
    at += child.length;
  }
  return out;
}

/** The boxes that lie one behind the other; what is none is the last. */
function boxes(all: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < all.length; ) {
    const length = at32(all, at);
    const end = length < 8 || at + length > all.length ? all.length : at + length;
    found.push(all.subarray(at, end));
    at = end;
  }
  return found;
}

function kindOf(box: Uint8Array): number {
  return at32(box, 4);
}

/** Nothing is 0. */
function at32(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
