// The producer's WebSocket: connects, starts the stream, comes back by itself when the line breaks,
// and tells whether somebody watches. Knows messages, not cameras.

import { Backoff } from "../client/backoff.js";
import { ServerClock, now } from "../client/clock.js";
import { pictureMessage, startMessage } from "./message.js";

/**
 * - `connecting`: for the first time
 * - `publishing`: the server takes pictures
 * - `lost`: the line broke; tried again by itself
 * - `refused`: the server does not take the stream; not tried again
 * - `stopped`: by the visitor
 */
export type Phase = "connecting" | "publishing" | "lost" | "refused" | "stopped";

export interface LinkState {
  phase: Phase;
  /** A sentence, or null. */
  reason: string | null;
  code: string;
  viewers: number;
  watched: boolean;
}

const RECONNECT_FIRST_MS = 500;
const RECONNECT_MOST_MS = 5000;
const CONNECT_PATIENCE_MS = 8000;
const CLOCK_EVERY_MS = 5000;
const CLOCK_FIRST_MS = [0, 150, 400, 1000];
const SILENCE_MOST_MS = 15_000;
const STOP_PATIENCE_MS = 1000;
/** What cannot become better by trying again, even for a stream that was published before. */
const FINAL = new Set(["not_push", "replaced", "bad_stream_id", "token_needed", "wrong_token", "forbidden"]);
/** The stream was ended: for good, unless the server itself is going and closes the line, too. */
const ENDED = "stream_ended";
const GOING_PATIENCE_MS = 3000;
/** Why a line closes that is worth opening again: the server goes, it broke, the server comes anew. */
const GOING = new Set([1001, 1006, 1012]);
/** Concern one message, not the stream. */
const HARMLESS = new Set(["unknown_type"]);

export class ProducerLink {
  state: LinkState = { phase: "connecting", reason: null, code: "", viewers: 0, watched: true };
  readonly #clock = new ServerClock();
  readonly #backoff = new Backoff(RECONNECT_FIRST_MS, RECONNECT_MOST_MS);
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #beats: ReturnType<typeof setTimeout>[] = [];
  #published = false;
  #heard = 0;
  #frame = 0;

  constructor(
    private readonly url: string,
    private readonly id: string,
    private readonly name: string | null,
    private readonly onstate: (state: LinkState) => void,
    private readonly open: (url: string) => WebSocket = (at) => new WebSocket(at),
  ) {
    this.#connect();
  }

  /** Whether a picture may be given: nothing of the one before waits in the socket. */
  get ready(): boolean {
    return this.state.phase === "publishing" && this.#socket?.bufferedAmount === 0;
  }

  /** Sends a picture that was captured at this time of our own clock; the length of the message. */
  send(jpeg: ArrayBuffer, capturedAt: number): number {
    if (!this.ready) return 0;
    const timestamp = capturedAt + (this.#clock.offset ?? 0);
    const message = pictureMessage({ stream_id: this.id, timestamp, frame_number: this.#frame++ }, jpeg);
    this.#socket?.send(message);
    return message.byteLength;
  }

  stop(): void {
    const socket = this.#socket;
    if (socket && this.state.phase === "publishing") {
      this.#say("stop_stream", {});
      // Gives what is on its way the time to arrive.
      socket.onclose = socket.onmessage = null;
      setTimeout(() => socket.close(1000), STOP_PATIENCE_MS);
      this.#socket = null;
    }
    this.#end("stopped", null, "");
  }

  #connect(): void {
    const socket = this.open(this.url);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#broken(socket, "The server does not answer."), CONNECT_PATIENCE_MS);
    socket.onopen = () => {
      this.#heard = now();
      this.#clock.forget();
      socket.send(startMessage(this.name));
      this.#beats = [
        ...CLOCK_FIRST_MS.map((ms) => setTimeout(() => this.#beat(), ms)),
        setInterval(() => this.#beat(), CLOCK_EVERY_MS),
      ];
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.#socket === socket && typeof event.data === "string") this.#received(event.data);
    };
    socket.onclose = (event: CloseEvent) => {
      const { reason, code } = this.state;
      if (code === ENDED && !GOING.has(event.code)) this.#end("refused", reason, code);
      else this.#broken(socket, event.reason);
    };
  }

  #beat(): void {
    const socket = this.#socket;
    if (socket && (now() - this.#heard) * 1000 > SILENCE_MOST_MS) {
      return this.#broken(socket, "The connection went silent.");
    }
    this.#say("clock", { sent: now() });
  }

  #say(type: string, data: Record<string, unknown>): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify({ type, data }));
  }

  #received(textOfMessage: string): void {
    this.#heard = now();
    let message: { type?: unknown; data?: unknown };
    try {
      message = JSON.parse(textOfMessage);
    } catch {
      return;
    }
    const data = (message.data ?? message) as Record<string, unknown>;
    switch (message.type) {
      case "stream_info":
        clearTimeout(this.#timer);
        this.#published = true;
        this.#backoff.reset();
        return this.#set({ phase: "publishing", reason: null, code: "" });
      case "demand":
        return this.#set({ viewers: Number(data.viewers) || 0, watched: data.watched !== false });
      case "clock":
        return this.#clock.add(Number(data.sent), Number(data.server), now());
      case "error":
        return this.#error(String(data.code ?? ""), String(data.error ?? ""));
    }
  }

  #error(code: string, reason: string): void {
    if (HARMLESS.has(code)) return;
    if (!this.#published || FINAL.has(code)) return this.#end("refused", reason, code);
    if (code === ENDED) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#end("refused", reason, code), GOING_PATIENCE_MS);
      return this.#set({ phase: "lost", reason, code });
    }
    // One bad picture: the stream goes on.
    if (this.state.phase === "publishing" && code === "malformed") return;
    if (this.#socket) this.#broken(this.#socket, reason);
  }

  /** The line broke, or is given up. */
  #broken(socket: WebSocket, reason: string): void {
    if (this.#socket !== socket) return;
    this.#drop();
    if (!this.#published) {
      return this.#end("refused", reason || "The server does not take the connection.", "no_answer");
    }
    this.#set({ phase: "lost", reason: reason || "The connection broke off.", code: "", viewers: 0, watched: true });
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.next());
  }

  #end(phase: Phase, reason: string | null, code: string): void {
    this.#drop();
    this.#set({ phase, reason, code, viewers: 0 });
  }

  #drop(): void {
    clearTimeout(this.#timer);
    for (const beat of this.#beats) clearTimeout(beat);
    this.#beats = [];
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #set(change: Partial<LinkState>): void {
    this.state = { ...this.state, ...change };
    this.onstate(this.state);
  }
}
