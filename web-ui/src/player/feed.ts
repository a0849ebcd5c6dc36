// Hands fragments to the browser's Media Source, in order and one step at a time. What waits is
// bounded: of what piles up, only what is from the newest key picture on is kept.

/** More than this is not handed over when it can be left out, in bytes. */
const WAITING_MOST = 4_000_000;

export interface FeedEvents {
  /** All that came was handed over. */
  settled(): void;
  failed(error: unknown): void;
}

type Source = typeof MediaSource;
/** `streaming`: whether the browser wants more now; only a managed one says so. */
type Media = MediaSource & { streaming?: boolean };

/** The browser's Media Source, or the managed one, the only one that iPhones have. */
export function mediaSource(): Source | null {
  const { ManagedMediaSource, MediaSource } = globalThis as { ManagedMediaSource?: Source; MediaSource?: Source };
  return ManagedMediaSource ?? MediaSource ?? null;
}

export class Feed {
  /** What the video is to play. */
  readonly address: string;
  readonly #media: Media;
  #source: SourceBuffer | null = null;
  #waiting: ArrayBuffer[] = [];
  #bytes = 0;
  #past: number | null = null;
  #ended = false;

  constructor(
    private readonly codecs: string,
    private readonly events: FeedEvents,
  ) {
    const Source = mediaSource() as Source;
    this.#media = new Source();
    this.address = URL.createObjectURL(this.#media);
    this.#media.addEventListener("sourceopen", () => this.#open(), { once: true });
    // A managed one tells when it wants nothing, to save power.
    this.#media.addEventListener("startstreaming", () => this.#append());
  }

  /** Nothing waits. */
  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  get #held(): boolean {
    return this.#media.streaming === false;
  }

  /** Decoding can start with a `key`. */
  push(message: ArrayBuffer, key: boolean): void {
    if (key && this.#source && (this.#held || this.#bytes > WAITING_MOST)) {
      this.#waiting = [];
      this.#bytes = 0;
    }
    this.#waiting.push(message);
    this.#bytes += message.byteLength;
    this.#append();
  }

  /** What is before this time is not needed any more; key pictures begin there. */
  forget(upTo: number): void {
    this.#past = upTo;
    this.#append();
  }

  /** Nothing more is handed over; what is there stays to be seen. */
  end(): void {
    this.#ended = true;
    this.#waiting = [];
    this.#bytes = 0;
  }

  #open(): void {
    URL.revokeObjectURL(this.address);
    if (this.#ended) return;
    try {
      this.#source = this.#media.addSourceBuffer(this.codecs);
    } catch (error) {
      return this.events.failed(error);
    }
    this.#source.addEventListener("updateend", () => this.#append());
    this.#append();
  }

  #append(): void {
    const source = this.#source;
    if (this.#ended || !source || source.updating) return;
    try {
      if (this.#waiting.length > 0 && !this.#held) {
        // What has come meanwhile goes in one step.
        const all = this.#waiting;
        this.#waiting = [];
        this.#bytes = 0;
        source.appendBuffer(all.length === 1 ? (all[0] as ArrayBuffer) : joined(all));
      } else if (this.#past !== null) {
        const upTo = this.#past;
        this.#past = null;
        source.remove(0, upTo);
      } else {
        this.events.settled();
      }
    } catch (error) {
      this.events.failed(error);
    }
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
