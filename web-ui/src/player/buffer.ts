// A video that is fed with fragments: appends them in order, keeps near the newest, throws away
// what is past.

import type { Entry } from "./fragment.js";
import { Pace } from "./timeline.js";

const CHECK_EVERY_MS = 50;
/** What is past is kept so long, in seconds: up to a key picture, or all would go. */
const KEPT = 4;
/** Pictures whose times are remembered until they are seen. */
const ENTRIES = 1024;

export interface BufferEvents {
  shown(entry: Entry): void;
  failed(reason: string): void;
}

type Source = typeof MediaSource;

/** The browser's Media Source, or the one that Safari has on phones. */
export function mediaSource(): Source | null {
  const { ManagedMediaSource, MediaSource } = globalThis as { ManagedMediaSource?: Source; MediaSource?: Source };
  return ManagedMediaSource ?? MediaSource ?? null;
}

export class Buffer {
  readonly #media: MediaSource;
  readonly #address: string;
  readonly #timer: ReturnType<typeof setInterval>;
  #source: SourceBuffer | null = null;
  #waiting: ArrayBuffer[] = [];
  #entries: Entry[] = [];
  #keys: number[] = [];
  #newest = 0;
  readonly #pace = new Pace();
  /** Nothing was seen yet. */
  #fresh = true;
  #ended = false;

  constructor(
    private readonly video: HTMLVideoElement,
    readonly codecs: string,
    private readonly events: BufferEvents,
  ) {
    const Source = mediaSource() as Source;
    this.#media = new Source();
    this.#address = URL.createObjectURL(this.#media);
    this.#media.addEventListener("sourceopen", () => this.#open(), { once: true });
    video.src = this.#address;
    video.onerror = () => this.#fail(video.error?.message);
    void video.play().catch(() => {});
    this.#timer = setInterval(() => this.#keepUp(), CHECK_EVERY_MS);
    this.#follow();
  }

  push(message: ArrayBuffer, entry: Entry): void {
    this.#waiting.push(message);
    this.#entries.push(entry);
    if (this.#entries.length > ENTRIES) this.#entries.shift();
    if (entry.key) this.#keys.push(entry.time);
    this.#newest = Math.max(this.#newest, entry.time);
    // Those of before the join are not early.
    this.#pace.arrived(entry.time, this.#fresh ? 0 : entry.time - this.video.currentTime);
    this.#append();
  }

  /** No more comes; what is seen stays. */
  end(): void {
    this.#ended = true;
    clearInterval(this.#timer);
    this.video.onerror = null;
    this.video.pause();
  }

  close(): void {
    this.end();
    URL.revokeObjectURL(this.#address);
  }

  #open(): void {
    URL.revokeObjectURL(this.#address);
    if (this.#ended) return;
    try {
      this.#source = this.#media.addSourceBuffer(this.codecs);
    } catch (error) {
      return this.#fail(error);
    }
    this.#source.addEventListener("updateend", () => this.#append());
    this.#append();
  }

  #append(): void {
    const source = this.#source;
    if (this.#ended || !source || source.updating) return;
    try {
      if (this.#waiting.length > 0) {
        // What has come meanwhile goes in one step.
        const all = this.#waiting;
        this.#waiting = [];
        source.appendBuffer(all.length === 1 ? (all[0] as ArrayBuffer) : joined(all));
      } else {
        this.#forget(source);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Throws away what is past, from a key picture to a key picture. */
  #forget(source: SourceBuffer): void {
    const past = this.#keys.filter((key) => key < this.video.currentTime - KEPT);
    const upTo = past[past.length - 1];
    if (upTo === undefined || upTo <= (this.#keys[0] ?? 0)) return;
    this.#keys = this.#keys.filter((key) => key >= upTo);
    source.remove(0, upTo);
  }

  #keepUp(): void {
    const { video } = this;
    if (video.readyState < HTMLMediaElement.HAVE_METADATA || video.seeking || this.#waiting.length > 0) return;
    if (video.paused) void video.play().catch(() => {});
    const next = this.#pace.rate(video.currentTime, this.#fresh);
    this.#fresh = false;
    if (next === "jump") {
      video.currentTime = this.#newest;
      this.#pace.jumped();
    } else if (video.playbackRate !== next) video.playbackRate = next;
  }

  /** Tells of each picture that is seen. */
  #follow(): void {
    this.video.requestVideoFrameCallback?.((_, { mediaTime }) => {
      if (this.#ended) return;
      const past = this.#entries.filter((entry) => entry.time <= mediaTime + 0.0005);
      const entry = past[past.length - 1];
      if (entry) {
        this.#entries = this.#entries.slice(past.length);
        this.events.shown(entry);
      }
      this.#follow();
    });
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.close();
    const why = error instanceof Error ? error.message : String(error ?? "");
    this.events.failed(`The browser cannot play this: ${why}`);
  }
}

function joined(parts: ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return all;
}
