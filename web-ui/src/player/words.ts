// What the player says when there is no new picture: what is waited for, or what to do.

import { mayReturn, type Status } from "../client/status.js";
import { ago, sentence } from "../parts/format.js";

export interface Words {
  title: string;
  text: string;
}

export type PlayerState =
  | "idle"
  | "paused"
  | "suspended"
  | "connecting"
  | "live"
  | "away"
  | "reconnecting"
  | "denied"
  | "refused"
  | "unknown"
  | "ended";

/** What pages are told, of what the transport knows. */
export function stateOf(status: Status): PlayerState {
  if (status.phase === "waiting") return "connecting";
  if (status.phase === "blocked") return "reconnecting";
  return status.phase;
}

export function words(state: PlayerState, status: Status | null, id: string): Words | null {
  const reason = status?.reason ? sentence(status.reason) : "";
  switch (state) {
    case "idle":
      return { title: "No stream", text: "The src of this player is not the address of a stream." };
    case "paused":
      return { title: "Paused", text: "" };
    case "live":
    case "suspended":
      return null;
    case "connecting":
      return { title: "", text: waiting(status) };
    case "away":
      return {
        title: `Away ${ago(status?.since)}`.trim(),
        text: `${reason || "The source is away."} The picture comes back by itself.`,
      };
    case "reconnecting":
      return { title: "Reconnecting", text: reason || "The connection broke off." };
    case "denied":
      return {
        title: "Not let in",
        text: reason || "Open the link again that the server printed at its start; its token is missing or wrong.",
      };
    case "refused":
      return { title: "Not now", text: `${reason || "The server is full."} Trying again.` };
    case "unknown":
      return { title: `No stream named ${id}`, text: "It shows here when it starts." };
    case "ended":
      return {
        title: "Ended",
        text: mayReturn(status?.reason ?? null)
          ? `${reason || "The stream was stopped."} It shows here when it starts again.`
          : `${reason} To watch again, reload the page.`,
      };
  }
}

function waiting(status: Status | null): string {
  if (!status || status.phase !== "waiting") return "Connecting to the server…";
  switch (status.info?.state) {
    case "idle":
    case "starting":
      return "Starting the source…";
    default:
      return "Waiting for the first picture…";
  }
}
