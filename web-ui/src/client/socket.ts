// The viewer WebSocket: one for all players of a page that watch the same server. Connects when
// somebody watches, comes back by itself, joins again what was joined.

import { Backoff } from "./backoff.js";
import { ServerClock, now } from "./clock.js";
import { parseFrame } from "./frame.js";
import { Joined, type Watcher } from "./joined.js";
import type { Phase } from "./status.js";
import type { Delivered, StreamInfo } from "./types.js";

const RECONNECT_FIRST_MS = 250;
const RECONNECT_MOST_MS = 5000;
/** A token seldom becomes right by itself. */
const DENIED_RETRY_MS = 10_000;
const CONNECT_PATIENCE_MS = 8000;
const FEEDBACK_EVERY_MS = 2000;
/** Some exchanges at the start, to find a short one; then now and then, as a sign of life, too. */
const CLOCK_EVERY_MS = 5000;
const CLOCK_FIRST_MS = [0, 150, 400, 1000];
const SILENCE_MOST_MS = 12_000;
/** A page that lays itself out anew should not reconnect. */
const IDLE_BEFORE_CLOSE_MS = 3000;
/** So many handshakes that fail although the server answers mean that nothing gets through. */
const BLOCKED_AFTER = 2;
export const STREAMS_MOST = 64;

/** Whether the server answers, and lets us in. */
export type Probe = (url: URL) => Promise<"answers" | "denied" | "silent">;

export interface Surroundings {
  open(url: string): WebSocket;
  probe: Probe;
}

const BROWSER: Surroundings = {
  open: (url) => new WebSocket(url),
  probe: async (url) => {
    try {
      const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(5000) });
      return response.status === 401 || response.status === 403 ? "denied" : "answers";
    } catch {
      return "silent";
    }
  },
};

/** One player's hold on a stream. */
export interface Viewing {
  /** After the watcher's `wish` changed. */
  wishChanged(): void;
  leave(): void;
}

export class ViewerSocket {
  readonly clock = new ServerClock();
  #socket: WebSocket | null = null;
  #open = false;
  #heard = 0;
  #failed = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #beats: ReturnType<typeof setTimeout>[] = [];
  readonly #backoff = new Backoff(RECONNECT_FIRST_MS, RECONNECT_MOST_MS);
  readonly #streams = new Map<string, Joined>();

  /** `base` is the root of the server, with its last slash. */
  constructor(
    private readonly base: URL,
    private readonly token: string | null,
    private readonly around: Surroundings = BROWSER,
  ) {
    globalThis.addEventListener?.("online", () => this.#connectNow());
  }

  has(id: string): boolean {
    return this.#streams.has(id);
  }

  get full(): boolean {
    return this.#streams.size >= STREAMS_MOST;
  }

  watch(id: string, watcher: Watcher): Viewing {
    clearTimeout(this.#idle);
    let joined = this.#streams.get(id);
    if (joined) {
      joined.add(watcher);
      joined.wishChanged();
    } else {
      joined = new Joined(id, (type, data) => this.#send(type, data));
      this.#streams.set(id, joined);
      joined.add(watcher);
      if (this.#open) joined.join();
      else this.#connectNow();
    }
    const stream = joined;
    return {
      wishChanged: () => stream.wishChanged(),
      leave: () => this.#leave(stream, watcher),
    };
  }

  #leave(stream: Joined, watcher: Watcher): void {
    if (!stream.watchers.delete(watcher)) return;
    if (stream.watchers.size > 0) return stream.wishChanged();
    if (this.#streams.get(stream.id) === stream) this.#streams.delete(stream.id);
    stream.leave();
    if (this.#streams.size > 0) return;
    this.#idle = setTimeout(() => this.#close(), IDLE_BEFORE_CLOSE_MS);
  }

  #connectNow(): void {
    clearTimeout(this.#timer);
    if (!this.#socket && this.#streams.size > 0) this.#connect();
  }

  #connect(): void {
    const url = new URL("ws/viewer", this.base);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("format", "binary");
    if (this.token !== null) url.searchParams.set("token", this.token);
    let socket: WebSocket;
    try {
      socket = this.around.open(url.href);
    } catch {
      // An address or a policy of the page that forbids it.
      return this.#lost("blocked", "The browser does not open a WebSocket here");
    }
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#broken(socket, ""), CONNECT_PATIENCE_MS);
    socket.onopen = () => this.#opened();
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.#socket === socket) this.#received(event.data);
    };
    socket.onclose = (event: CloseEvent) => this.#broken(socket, event.reason);
  }

  #opened(): void {
    clearTimeout(this.#timer);
    this.#open = true;
    this.#failed = 0;
    this.#heard = now();
    this.clock.forget();
    for (const stream of this.#streams.values()) stream.join();
    this.#beats = [
      ...CLOCK_FIRST_MS.map((ms) => setTimeout(() => this.#askClock(), ms)),
      setInterval(() => this.#askClock(), CLOCK_EVERY_MS),
      setInterval(() => this.#giveFeedback(), FEEDBACK_EVERY_MS),
    ];
  }

  #askClock(): void {
    if ((now() - this.#heard) * 1000 > SILENCE_MOST_MS && this.#socket) {
      return this.#broken(this.#socket, "The connection went silent");
    }
    this.#send("clock", { sent: now() });
  }

  #giveFeedback(): void {
    for (const stream of this.#streams.values()) {
      if (stream.status.phase !== "live") continue;
      const feedback = stream.feedback();
      if (feedback) this.#send("feedback", { stream_id: stream.id, ...feedback });
    }
  }

  #received(data: unknown): void {
    this.#heard = now();
    if (data instanceof ArrayBuffer) {
      const frame = parseFrame(data);
      if (frame) this.#streams.get(frame.stream_id)?.frame(frame);
      return;
    }
    if (typeof data !== "string") return;
    const message = parseMessage(data);
    if (!message) return;
    const about = message.data;
    const stream = this.#streams.get(String(about.stream_id ?? ""));
    switch (message.type) {
      case "stream_info":
        // Pictures come now: the next time begins without waiting.
        this.#backoff.reset();
        return stream?.info(
          about as unknown as StreamInfo & { delivered?: Delivered },
          (this.clock.offset ?? 0) * 1000,
        );
      case "stream_left":
        return stream?.left(String(about.reason ?? ""));
      case "clock":
        return this.clock.add(Number(about.sent), Number(about.server), now());
      case "error":
        return stream?.error(String(about.code ?? ""), String(about.error ?? ""));
    }
  }

  #send(type: string, data: Record<string, unknown>): boolean {
    if (!this.#open || !this.#socket) return false;
    this.#socket.send(JSON.stringify({ type, data }));
    return true;
  }

  /** The socket closed, or is given up. */
  #broken(socket: WebSocket, reason: string): void {
    if (this.#socket !== socket) return;
    const wasOpen = this.#open;
    this.#close();
    if (this.#streams.size === 0) return;
    if (wasOpen) return this.#lost("reconnecting", reason || "The connection broke off");
    void this.#findOut();
  }

  /** A browser does not say why a handshake failed, so the server is asked in another way. */
  async #findOut(): Promise<void> {
    const url = new URL("api/streams", this.base);
    url.searchParams.set("limit", "1");
    if (this.token !== null) url.searchParams.set("token", this.token);
    const answer = await this.around.probe(url);
    if (this.#socket || this.#streams.size === 0) return;
    this.#failed = answer === "answers" ? this.#failed + 1 : 0;
    if (answer === "denied") this.#lost("denied", null, DENIED_RETRY_MS);
    else if (answer === "silent") this.#lost("reconnecting", "The server does not answer");
    else if (this.#failed >= BLOCKED_AFTER) this.#lost("blocked", "No WebSocket gets through");
    else this.#lost("connecting", null);
  }

  #lost(phase: Phase, reason: string | null, leastWaitMs = 0): void {
    for (const stream of [...this.#streams.values()]) stream.lost(phase, reason);
    clearTimeout(this.#timer);
    const wait = Math.max(this.#backoff.next(), leastWaitMs);
    this.#timer = setTimeout(() => this.#connectNow(), wait);
  }

  #close(): void {
    clearTimeout(this.#timer);
    for (const beat of this.#beats) clearTimeout(beat);
    this.#beats = [];
    const socket = this.#socket;
    this.#socket = null;
    this.#open = false;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

/** What belongs to a message stands under `data`, or beside `type`. */
function parseMessage(text: string): { type: unknown; data: Record<string, unknown> } | null {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message !== "object" || message === null) return null;
    const { type, data } = message as Record<string, unknown>;
    const about = typeof data === "object" && data !== null ? data : message;
    return { type, data: about as Record<string, unknown> };
  } catch {
    return null;
  }
}

const shared = new Map<string, ViewerSocket[]>();

/** The socket of this page for a stream of this server; another one when it is full. */
export function socketFor(base: URL, token: string | null, id: string): ViewerSocket {
  const key = `${base.href} ${token ?? ""}`;
  let sockets = shared.get(key);
  if (!sockets) shared.set(key, (sockets = []));
  let socket = sockets.find((one) => one.has(id)) ?? sockets.find((one) => !one.full);
  if (!socket) sockets.push((socket = new ViewerSocket(base, token)));
  return socket;
}
