// What pages are told every second: measured here where the transport shows each picture that
// comes, else as the server has it.

import { status as newStatus } from "../client/status.js";
import type { Quality } from "../client/types.js";
import type { PlayerStats } from "./events.js";
import type { Meter } from "./meter.js";
import { reasonOf } from "./reason.js";
import type { Session } from "./session.js";
import type { PlayerState } from "./words.js";

export interface Picture {
  /** The rendition that the newest picture is of. */
  quality: string | null;
  /** The one that was asked for. */
  asked: Quality | null | undefined;
  size: { width: number; height: number } | null;
}

export function figures(state: PlayerState, session: Session, meter: Meter, picture: Picture): PlayerStats {
  const at = performance.now();
  const { status, transport } = session;
  const { info, delivered } = status ?? newStatus("connecting");
  const counted = transport?.counts ?? false;
  const coded = transport?.name === "mse" || transport?.name === "hls";
  return {
    state,
    transport: transport?.name ?? null,
    fps: counted ? meter.fps(at) : (info?.fps ?? 0),
    bitrate_bps: counted ? meter.bitrate(at) : (info?.bitrate_bps ?? 0),
    age_ms: meter.age(at),
    skipped: meter.skipped,
    dropped: meter.dropped,
    quality: picture.quality ?? delivered?.quality ?? (coded ? (picture.asked ?? "source") : null),
    width: picture.size?.width ?? info?.settings?.width ?? null,
    height: picture.size?.height ?? info?.settings?.height ?? null,
    reason: reasonOf(status, transport?.name ?? null, picture.asked),
  };
}
