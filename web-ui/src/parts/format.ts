// Figures and states in words, each with its unit. Shared with the player: no imports of code.

import type { StreamInfo } from "../client/types.js";

export function fps(value: number | null | undefined): string {
  return value === null || value === undefined || !(value >= 0) ? "– fps" : `${value.toFixed(1)} fps`;
}

/** An age or a delay. */
export function age(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "– ms";
  const shown = Math.max(0, ms);
  return shown < 10_000 ? `${Math.round(shown)} ms` : `${(shown / 1000).toFixed(1)} s`;
}

/** A rate given in bits a second, said in bytes: what a link is judged by. */
export function rate(bps: number | null | undefined): string {
  if (bps === null || bps === undefined || !(bps >= 0)) return "– kB/s";
  const bytes = bps / 8;
  return bytes < 999_500 ? `${Math.round(bytes / 1000)} kB/s` : `${(bytes / 1e6).toFixed(1)} MB/s`;
}

/** How long ago a time was: "12 s", "3 min", "5 h", "2 d". */
export function ago(time: string | number | Date | null | undefined, now = Date.now()): string {
  if (time === null || time === undefined) return "";
  const seconds = Math.max(0, Math.round((now - new Date(time).getTime()) / 1000));
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Begins large and ends with a full stop. */
export function sentence(text: string): string {
  if (!text) return "";
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");
}

/** How a stream's state is said. */
export function stateWords(info: Pick<StreamInfo, "state" | "state_since">): string {
  switch (info.state) {
    case "live":
      return "Live";
    case "starting":
      return "Starting";
    case "idle":
      return "Ready";
    case "away":
      return `Away ${ago(info.state_since)}`.trim();
    default:
      return info.state;
  }
}

/** Why a viewer gets less than asked for, in words. */
export function reasonWords(reason: string | null | undefined): string {
  if (!reason) return "";
  const known: Record<string, string> = {
    slow_link: "The link is slow, so a smaller picture is sent",
    encoder: "The server cannot encode as fast as pictures come, so it makes less",
    slow_viewer: "The link is slow, so a smaller picture is sent",
    too_many_renditions: "The server makes as many sizes as it may",
  };
  return known[reason] ?? sentence(reason.replaceAll("_", " "));
}

/** The name people gave a stream, or its id. */
export function title(info: Pick<StreamInfo, "stream_id" | "name">): string {
  return info.name || info.stream_id;
}
