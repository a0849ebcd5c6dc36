// From a filled-in form to a PATCH: only what differs, and null for what was emptied.

import type { StreamChange, StreamInfo } from "../../client/types.js";

export function change(info: StreamInfo, form: { get(name: string): unknown }): StreamChange {
  const text = (name: string) => String(form.get(name) ?? "").trim() || null;
  const figure = (name: string) => (text(name) === null ? null : Number(text(name)));
  const { requested = {} } = info;
  const wanted: StreamChange = {};
  const put = <Key extends keyof StreamChange>(key: Key, before: unknown, after: StreamChange[Key]) => {
    if ((before ?? null) !== (after ?? null)) wanted[key] = after;
  };
  put("name", info.name, text("name"));
  // A stream without a source is none: emptied means untouched.
  if (text("source") !== null) put("source", info.source, text("source"));
  put("quality", requested.quality, text("quality"));
  put("size", requested.size, text("size"));
  put("fps", requested.fps, figure("fps"));
  put("jpeg_quality", requested.jpeg_quality, figure("jpeg_quality"));
  const demand = text("on_demand");
  put("on_demand", info.on_demand, demand === null ? null : demand === "true");
  return wanted;
}
