// Which transport suits best, by what is known.

import type { StreamInfo, Wish } from "../client/types.js";
import { mjpeg } from "./mjpeg.js";
import { mse, mseAvailable } from "./mse.js";
import type { Start, TransportName } from "./transport.js";
import { ws } from "./ws.js";

export interface Known {
  asked: "auto" | TransportName;
  /** No WebSocket gets through. */
  blocked: boolean;
  /** The browser could not play what came by Media Source, or cannot show it where it is wanted. */
  unfit: boolean;
  wish: Wish;
  /** How the stream is coded is told once it is joined. */
  codec: StreamInfo["codec"];
}

export function choose({ asked, blocked, unfit, wish, codec }: Known): Start {
  if (asked !== "auto") return { ws, mjpeg, mse }[asked];
  if (blocked) return mjpeg;
  // There are no smaller pictures but JPEGs.
  const whole = (wish.quality ?? "source") === "source" && !wish.fps;
  return codec === "h264" && whole && !unfit && mseAvailable() ? mse : ws;
}
