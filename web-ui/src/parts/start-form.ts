// What is filled in to start a stream, what becomes of it on the wire, and which field an answer of
// the server concerns. Pure.

import type { NewStream, Quality } from "../client/types.js";
import { wrongId } from "../publish/message.js";

export interface Form {
  id: string;
  name: string;
  source: string;
  quality: "" | Quality;
  fps: string;
  jpeg_quality: string;
  on_demand: "" | "yes" | "no";
}

export type Field = keyof Form;
/** A sentence for a field; `form` is for all of it. */
export type Errors = Partial<Record<Field | "form", string>>;

export const EMPTY: Form = { id: "", name: "", source: "", quality: "", fps: "", jpeg_quality: "", on_demand: "" };

const RANGES = { fps: [1, 120], jpeg_quality: [1, 100] } as const;

/** What can be seen to be wrong without asking the server. */
export function check(form: Form, needs: { source: boolean; id: boolean }): Errors {
  const errors: Errors = {};
  if (needs.source && !form.source.trim()) errors.source = "Say what to show.";
  const id = form.id.trim();
  if (id) {
    const wrong = wrongId(id);
    if (wrong) errors.id = wrong;
  } else if (needs.id) errors.id = "Give the stream an id; it becomes part of its address.";
  for (const field of ["fps", "jpeg_quality"] as const) {
    const text = form[field].trim();
    const [least, most] = RANGES[field];
    if (text && !(Number(text) >= least && Number(text) <= most)) errors[field] = `A number from ${least} to ${most}.`;
  }
  return errors;
}

/** The body of `POST /api/streams`: only what was filled in. */
export function request(form: Form): NewStream {
  const stream: NewStream = {};
  const text = (value: string) => value.trim() || undefined;
  if (text(form.id)) stream.id = form.id.trim();
  if (text(form.name)) stream.name = form.name.trim();
  if (text(form.source)) stream.source = form.source.trim();
  if (form.quality) stream.quality = form.quality;
  if (text(form.fps)) stream.fps = Number(form.fps);
  if (text(form.jpeg_quality)) stream.jpeg_quality = Number(form.jpeg_quality);
  if (form.on_demand) stream.on_demand = form.on_demand === "yes";
  return stream;
}

const FIELD_OF_CODE: Record<string, Field> = {
  exists: "id",
  busy: "id",
  not_push: "id",
  replaced: "id",
  bad_stream_id: "id",
  bad_source: "source",
  source_not_allowed: "source",
};

/** Beside which field the server's sentence belongs, and the sentence without the field's name. */
export function placeError(code: string, message: string): Errors {
  const named = /^([a-z_]+): (.*)$/s.exec(message);
  const field = named?.[1] as Field | undefined;
  if (field && field in EMPTY) return { [field]: named?.[2] ?? message };
  return { [FIELD_OF_CODE[code] ?? "form"]: message };
}

/** A sentence of the server as it is shown: large at the beginning, unless it begins with an id, a scheme
 * or a quotation. */
export function said(message: string): string {
  const stop = /[.!?…]$/.test(message) ? "" : ".";
  const asItIs = /^\S+:|^\S+ (was made|has ended|has a source)\b/.test(message);
  return (asItIs ? message : message.charAt(0).toUpperCase() + message.slice(1)) + stop;
}

/** An id that no stream has yet. */
export function freeId(wanted: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  const plain = wanted || "camera";
  if (!used.has(plain)) return plain;
  let number = 2;
  while (used.has(`${plain}-${number}`)) number++;
  return `${plain}-${number}`;
}

/** The stream that shows a source already. A camera has room for one. */
export function shownBy<Stream extends { source: string }>(source: string, streams: Stream[]): Stream | null {
  if (!source.startsWith("v4l2:")) return null;
  const device = (one: string) => one.split("?", 1)[0];
  return streams.find((stream) => device(stream.source) === device(source)) ?? null;
}

/** The first source that no stream shows yet, or the first of all. */
export function firstFree(sources: { source: string }[], streams: { source: string }[]): string {
  return (sources.find(({ source }) => !shownBy(source, streams)) ?? sources[0])?.source ?? "";
}
