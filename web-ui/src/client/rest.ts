// The REST API, typed. No state: what a page remembers stands in streams.ts.

import type { CameraControls, ControlChange, NewStream, Source, SourceKind, StreamChange, StreamInfo, Viewer } from "./types.js";

const PATIENCE_MS = 8000;

/** What went wrong, as a sentence for people; `status` is 0 if there was no answer. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export class Api {
  /** `base` is the root of the server, with its last slash. */
  constructor(
    readonly base: URL,
    readonly token: string | null = null,
  ) {}

  streams(limit?: number, offset?: number): Promise<{ streams: StreamInfo[]; total: number }> {
    const query = new URLSearchParams();
    if (limit !== undefined) query.set("limit", String(limit));
    if (offset !== undefined) query.set("offset", String(offset));
    return this.#ask("GET", `api/streams${query.size ? `?${query}` : ""}`);
  }

  stream(id: string): Promise<StreamInfo> {
    return this.#ask("GET", `api/streams/${encodeURIComponent(id)}`);
  }

  /** Starts a stream; the server picks an id if there is none. */
  start(stream: NewStream): Promise<StreamInfo & { message?: string }> {
    return this.#ask("POST", "api/streams", stream);
  }

  change(id: string, change: StreamChange): Promise<StreamInfo> {
    return this.#ask("PATCH", `api/streams/${encodeURIComponent(id)}`, change);
  }

  stop(id: string): Promise<{ message: string }> {
    return this.#ask("DELETE", `api/streams/${encodeURIComponent(id)}`);
  }

  viewers(id: string): Promise<{ viewers: Viewer[]; total: number }> {
    return this.#ask("GET", `api/streams/${encodeURIComponent(id)}/viewers`);
  }

  closeViewer(id: string, viewer: number | string): Promise<unknown> {
    return this.#ask("DELETE", `api/streams/${encodeURIComponent(id)}/viewers/${viewer}`);
  }

  sources(): Promise<{ sources: Source[]; kinds?: SourceKind[] }> {
    return this.#ask("GET", "api/sources");
  }

  /** What can be set at the camera of a stream. */
  controls(id: string): Promise<CameraControls> {
    return this.#ask("GET", `api/streams/${encodeURIComponent(id)}/controls`);
  }

  /** `keep`: these values are also set again whenever the camera is opened. */
  setControls(id: string, change: ControlChange, keep = false): Promise<CameraControls> {
    return this.#ask("PATCH", `api/streams/${encodeURIComponent(id)}/controls${keep ? "?keep=true" : ""}`, change);
  }

  /** Sets all to their defaults and keeps none. */
  resetControls(id: string): Promise<CameraControls> {
    return this.#ask("DELETE", `api/streams/${encodeURIComponent(id)}/controls`);
  }

  /** What time it is by the server's clock: seconds since 1970. */
  async time(): Promise<number> {
    const response = await fetch(this.url("time"), { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    return Date.parse(await response.text()) / 1000;
  }

  /** An address below the root, with the token if there is one. */
  url(path: string, query: Record<string, string | number | null | undefined> = {}): URL {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) url.searchParams.set(name, String(value));
    }
    if (this.token !== null) url.searchParams.set("token", this.token);
    return url;
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/json";
    if (this.token !== null) headers.Authorization = `Bearer ${this.token}`;
    let response: Response;
    try {
      response = await fetch(new URL(path, this.base), {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      throw new ApiError("The server does not answer.", 0, "no_answer");
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer as T;
    const { error, code } = (answer ?? {}) as { error?: string; code?: string };
    throw new ApiError(
      error ?? `The server answers with status ${response.status}.`,
      response.status,
      code ?? "",
    );
  }
}
