// Sources as they are written, for the dialog and the first steps.

import type { SourceKind } from "../client/types.js";

export interface Example {
  source: string;
  what: string;
}

/** Standard input is the server's own: nothing can be put into it from here. */
const NOT_FROM_HERE = new Set(["stdin"]);
/** Refused from the API unless the configuration allows them, so they come last. */
const TO_BE_ALLOWED = new Set(["exec", "file"]);

/** An example of each kind of source that the server knows, with the first sentence of its help. */
export function examples(kinds: SourceKind[]): Example[] {
  const offered = kinds.filter((kind) => !NOT_FROM_HERE.has(kind.scheme));
  const late = ({ scheme }: SourceKind) => (TO_BE_ALLOWED.has(scheme) ? 3 : scheme === "test" ? 2 : scheme === "http" ? 0 : 1);
  return offered
    .sort((a, b) => late(a) - late(b))
    .map((kind) => ({ source: kind.example, what: brief(kind) }));
}

function brief({ scheme, help }: SourceKind): string {
  const first = (help.split(/[.:;,](?:\s|$)/)[0] ?? "").replaceAll("`", "");
  return TO_BE_ALLOWED.has(scheme) ? `${first} (the configuration has to allow it)` : first;
}

/** Whether a page was opened under a name by which no other machine reaches this one. */
export function onlyHere(at: URL): boolean {
  return /^(localhost|.*\.localhost|127\..*|\[::1\])$/.test(at.hostname);
}

/** Commands that bring a first camera; `at` is the root of this server, as this page reached it. */
export function commands(at: URL): { camera: string; pipe: string; push: string } {
  const elsewhere = new URL(at);
  if (onlyHere(at)) elsewhere.hostname = "ADDRESS";
  const root = elsewhere.href.replace(/\/$/, "").replace("//address", "//ADDRESS");
  const ffmpeg = "ffmpeg -loglevel error -f v4l2 -input_format mjpeg -i /dev/video0 -c copy -f mjpeg -";
  return {
    camera: `eyeline 'front=exec:${ffmpeg}'`,
    pipe: "python3 app.py | eyeline serve front=-",
    push: `python3 app.py | eyeline push - ${root}/streams/front`,
  };
}
