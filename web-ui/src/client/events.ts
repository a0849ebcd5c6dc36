// The server's events (`GET /api/events`, server-sent). One connection however many listen;
// it is open while anybody does.

import { Backoff } from "./backoff.js";
import type { StreamInfo, Viewer } from "./types.js";

export interface EventData {
  hello: unknown;
  /** Events were lost; ask for everything anew. */
  missed: { count?: number };
  stream_added: { stream_id: string; info: StreamInfo };
  stream_changed: { stream_id: string; info: StreamInfo };
  stream_removed: { stream_id: string; info?: StreamInfo };
  viewer_joined: { stream_id: string; viewer: Viewer };
  viewer_left: { stream_id: string; viewer: Viewer };
}

export type EventName = keyof EventData;
export type ServerEvent = {
  [Name in EventName]: { name: Name; data: EventData[Name]; at: Date };
}[EventName];

const NAMES: EventName[] = [
  "hello",
  "missed",
  "stream_added",
  "stream_changed",
  "stream_removed",
  "viewer_joined",
  "viewer_left",
];

export class Events {
  #source: EventSource | null = null;
  #timer = 0;
  readonly #backoff = new Backoff(500, 10_000);
  readonly #listeners = new Set<(event: ServerEvent) => void>();

  constructor(private readonly url: URL) {}

  /** Calls `listener` with each event until the returned function is called. */
  listen(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  }

  #open(): void {
    const source = new EventSource(this.url);
    this.#source = source;
    source.onopen = () => this.#backoff.reset();
    source.onerror = () => {
      // A browser tries again by itself after a broken line, but not after a refusal.
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#open(), this.#backoff.next());
    };
    for (const name of NAMES) {
      source.addEventListener(name, (message: MessageEvent<string>) => this.#tell(name, message.data));
    }
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #tell(name: EventName, text: string): void {
    let data: unknown = {};
    try {
      data = JSON.parse(text);
    } catch {
      // An event without data is an event, too.
    }
    const event = { name, data, at: new Date() } as ServerEvent;
    for (const listener of [...this.#listeners]) listener(event);
  }
}
