// Why a player gets less than it asked for: as the server tells this viewer, or as it tells of the encoder
// whose pictures these are.

import type { Status } from "../client/status.js";
import type { Quality } from "../client/types.js";
import type { TransportName } from "./transport.js";

/** Lines of the named qualities. */
const LINES: Partial<Record<Quality, number>> = { low: 320, medium: 480, high: 720 };
/** What is seen of an encoder that makes less. */
const SEEN: (string | null | undefined)[] = ["frame_rate", "height"];

export function reasonOf(status: Status | null, transport: TransportName | null, asked: Quality | null | undefined): string | null {
  const told = status?.delivered?.reason;
  if (told || (transport !== "mse" && transport !== "hls")) return told ?? null;
  const height = (asked && LINES[asked]) ?? null;
  const made = status?.info?.rendition_details ?? [];
  const mine = made.find((one) => one.codec === "h264" && (one.height ?? null) === height);
  return SEEN.includes(mine?.reduced) ? "encoder" : null;
}
