// The server's events in words, for one stream: newest first, the same thing not twice.

import type { ServerEvent } from "../../client/events.js";
import type { StreamInfo } from "../../client/types.js";
import { sentence } from "../../parts/format.js";
import { agentWords } from "./agent.js";

export interface Line {
  at: Date;
  text: string;
  kind: "good" | "bad" | "plain";
}

const LINES_MOST = 200;

export class Log {
  lines: Line[] = [];
  #before: StreamInfo | null = null;

  constructor(private readonly id: string) {}

  /** How it stood before the first event. */
  begin(info: StreamInfo): void {
    this.#before ??= info;
  }

  /** True if there is a new line. */
  add(event: ServerEvent): boolean {
    const line = this.#line(event);
    if (!line) return false;
    this.lines = [{ ...line, at: event.at }, ...this.lines].slice(0, LINES_MOST);
    return true;
  }

  #line(event: ServerEvent): Omit<Line, "at"> | null {
    if (event.name === "missed") return { text: "Some events were missed.", kind: "plain" };
    if (event.name === "hello" || event.data.stream_id !== this.id) return null;
    switch (event.name) {
      case "stream_added":
        this.#before = event.data.info ?? null;
        return { text: "Started.", kind: "plain" };
      case "stream_removed":
        return { text: "Stopped.", kind: "bad" };
      case "stream_changed":
        return this.#changed(event.data.info);
      case "viewer_joined":
      case "viewer_left": {
        const { viewer } = event.data;
        const what = event.name === "viewer_joined" ? "came" : "left";
        const who = [viewer?.remote, agentWords(viewer?.agent)].filter(Boolean).join(", ");
        return { text: `A viewer ${what}: ${who}.`, kind: "plain" };
      }
    }
  }

  #changed(info: StreamInfo): Omit<Line, "at"> | null {
    const before = this.#before;
    this.#before = info;
    if (before?.state !== info.state || before.reason !== info.reason) {
      switch (info.state) {
        case "live":
          return { text: "Live.", kind: "good" };
        case "away":
          return { text: `Away: ${info.reason ?? "the source is away"}.`, kind: "bad" };
        case "starting":
          return { text: "Starting the source.", kind: "plain" };
        case "idle":
          return { text: "Ready; nobody watches.", kind: "plain" };
      }
    }
    const { width, height } = info.settings;
    if (before.settings.width !== width || before.settings.height !== height) {
      return width && height ? { text: `The picture is ${width} × ${height} now.`, kind: "plain" } : null;
    }
    const asked = (one: StreamInfo) =>
      JSON.stringify([one.name, one.source, one.requested, one.on_demand]);
    if (asked(before) === asked(info)) return null;
    return { text: sentence("the settings were changed"), kind: "plain" };
  }
}
