// A video that is fed with fragments: keeps near the newest, throws away what is past, and tells
// of each picture that is seen.

import { Feed } from "./feed.js";
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

export class Buffer {
  readonly #feed: Feed;
  readonly #timer: ReturnType<typeof setInterval>;
  #entries: Entry[] = [];
  #keys: number[] = [];
  #newest = 0;
  readonly #pace: Pace;
  /** Nothing was seen yet. */
  #fresh = true;
  #ended = false;

  constructor(
    private readonly video: HTMLVideoElement,
    codecs: string,
    private readonly heard: boolean,
    private readonly events: BufferEvents,
  ) {
    this.#pace = new Pace(heard);
    this.#feed = new Feed(codecs, {
      settled: () => this.#forget(),
      failed: (error) => this.#fail(error),
    });
    // A managed source is not for screens elsewhere, and does not open where it could be sent to one.
    video.disableRemotePlayback = true;
    video.src = this.#feed.address;
    video.onerror = () => this.#fail(video.error?.message);
    void video.play().catch(() => {});
    this.#timer = setInterval(() => this.#keepUp(), CHECK_EVERY_MS);
    this.#follow();
  }

  /** A message, and what is known of the picture in it; sound has none. */
  push(message: ArrayBuffer, entry: Entry | null): void {
    if (this.#ended) return;
    if (entry) {
      this.#entries.push(entry);
      if (this.#entries.length > ENTRIES) this.#entries.shift();
      if (entry.key) this.#keys.push(entry.time);
      this.#newest = Math.max(this.#newest, entry.time);
      // Those of before the join are not early.
      this.#pace.arrived(entry.time, this.#fresh ? 0 : this.#playable(entry.time) - this.video.currentTime);
    }
    this.#feed.push(message, entry?.key ?? false);
  }

  /** No more comes; what is seen stays. */
  end(): void {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#feed.end();
    this.video.onerror = null;
    this.video.pause();
  }

  close(): void {
    this.end();
    URL.revokeObjectURL(this.#feed.address);
  }

  /** How far it could be played up to this time: sound may be behind the pictures. */
  #playable(time: number): number {
    const { buffered } = this.video;
    return this.heard && buffered.length > 0 ? Math.min(time, buffered.end(buffered.length - 1)) : time;
  }

  /** Throws away what is past, from a key picture to a key picture. */
  #forget(): void {
    const past = this.#keys.filter((key) => key < this.video.currentTime - KEPT);
    const upTo = past[past.length - 1];
    if (upTo === undefined || upTo <= (this.#keys[0] ?? 0)) return;
    this.#keys = this.#keys.filter((key) => key >= upTo);
    this.#feed.forget(upTo);
  }

  #keepUp(): void {
    const { video } = this;
    if (video.readyState < HTMLMediaElement.HAVE_METADATA || video.seeking || !this.#feed.idle) return;
    if (video.paused) void video.play().catch(() => {});
    const next = this.#pace.rate(video.currentTime, this.#fresh);
    this.#fresh = false;
    if (next === "jump") {
      video.currentTime = this.#newest - this.#pace.slack;
      this.#pace.jumped();
    } else if (video.playbackRate !== next) video.playbackRate = next;
  }

  /** Tells of each picture that is seen. */
  #follow(): void {
    this.video.requestVideoFrameCallback?.((_, { mediaTime }) => {
      if (this.#ended) return;
      const past = this.#entries.filter((entry) => entry.time <= mediaTime + 0.0005);
      if (past.length > 0) {
        this.#entries = this.#entries.filter((entry) => !past.includes(entry));
        // They come as they are decoded, which need not be as they are shown.
        this.events.shown(past.reduce((newest, entry) => (entry.time > newest.time ? entry : newest)));
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
