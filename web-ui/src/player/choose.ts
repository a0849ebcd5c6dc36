// Which transport suits best, by what is known.

import type { StreamInfo, Wish } from "../client/types.js";
import { hls, hlsAvailable, hlsNative } from "./hls.js";
import { mjpeg } from "./mjpeg.js";
import { mse, mseAvailable } from "./mse.js";
import type { Start, TransportName } from "./transport.js";
import { ws } from "./ws.js";

export interface Known {
  asked: "auto" | TransportName;
  /** Those that did not work here, or cannot show it where it is wanted. */
  unfit: ReadonlySet<TransportName>;
  wish: Wish;
  /** How the stream is coded is told once it is joined. */
  codec: StreamInfo["codec"];
}

const STARTS: Record<TransportName, Start> = { ws, mjpeg, mse, hls };

export function choose({ asked, unfit, wish, codec }: Known): Start {
  if (asked !== "auto") return STARTS[asked];
  const fit = order(wish, codec).find((name) => !unfit.has(name));
  return STARTS[fit ?? "mjpeg"];
}

/** Those that this browser has, in the order in which they are offered. */
export function available(): TransportName[] {
  const has: Record<TransportName, boolean> = { mse: mseAvailable(), hls: hlsAvailable(), ws: true, mjpeg: true };
  return (Object.keys(has) as TransportName[]).filter((name) => has[name]);
}

/** The one of the least delay first. */
function order(wish: Wish, codec: StreamInfo["codec"]): TransportName[] {
  const whole = (wish.quality ?? "source") === "source";
  const names: TransportName[] = ["ws", "mjpeg"];
  // Of H.264 that is passed on no picture can be left out: whoever wishes fewer gets JPEGs.
  if (codec === "h264" && !wish.fps) {
    // Without Media Source: untouched, with sound, and some seconds late.
    if (whole && hlsNative()) names.unshift("hls");
    if (mseAvailable()) names.unshift("mse");
  }
  if (hlsAvailable() && !names.includes("hls")) names.push("hls");
  return names;
}
