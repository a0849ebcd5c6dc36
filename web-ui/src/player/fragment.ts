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
