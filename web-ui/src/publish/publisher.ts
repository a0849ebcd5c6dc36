// Streams that this page publishes: each a camera or a screen, and a worker that sends it.

import type { FromWorker, Report, Settings, ToWorker } from "./protocol.js";

/** Not in every browser, and in none's types. */
declare class MediaStreamTrackProcessor {
  constructor(init: { track: MediaStreamTrack; maxBufferSize?: number });
  readonly readable: ReadableStream<VideoFrame>;
}

const NOTHING_YET: Report = {
  phase: "connecting",
  reason: null,
  code: "",
  viewers: 0,
  watched: true,
  fps: 0,
  bytesPerSecond: 0,
  width: 0,
  height: 0,
};

/** One stream; fires `change`. Ends when it is stopped, refused, or its camera goes. */
export class Publisher extends EventTarget {
  report: Report = NOTHING_YET;
  readonly #worker: Worker;
  #video: HTMLVideoElement | null = null;

  constructor(
    base: URL,
    readonly settings: Settings,
    readonly media: MediaStream,
  ) {
    super();
    const url = new URL(`ws/stream/${encodeURIComponent(settings.id)}`, base);
    url.protocol = url.protocol.replace("http", "ws");
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#heard(event.data);
    this.#worker.onerror = () => {
      this.#worker.terminate();
      this.#set({ ...this.report, phase: "refused", reason: "The browser could not start publishing.", code: "worker" });
    };
    const pictures = this.#pictures();
    const start: ToWorker = { type: "start", url: url.href, settings, pictures };
    this.#worker.postMessage(start, pictures ? [pictures] : []);
    for (const track of media.getVideoTracks()) track.addEventListener("ended", () => this.stop());
  }

  get over(): boolean {
    return this.report.phase === "stopped" || this.report.phase === "refused";
  }

  /** Once the server takes it, or with its reason if it does not. */
  started(): Promise<Publisher> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.report.phase === "publishing") resolve(this);
        else if (this.over) reject(new PublishError(this.report.reason ?? "Publishing was stopped.", this.report.code));
        else return;
        this.removeEventListener("change", look);
      };
      this.addEventListener("change", look);
      look();
    });
  }

  stop(): void {
    this.#worker.postMessage({ type: "stop" } satisfies ToWorker);
  }

  /** The camera's pictures where a worker can read them; else a video element that is asked. */
  #pictures(): ReadableStream<VideoFrame> | null {
    const track = this.media.getVideoTracks()[0];
    if (track && "MediaStreamTrackProcessor" in globalThis) {
      return new MediaStreamTrackProcessor({ track, maxBufferSize: 1 }).readable;
    }
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = this.media;
    void video.play().catch(() => {});
    this.#video = video;
    return null;
  }

  #heard(message: FromWorker): void {
    if (message.type === "report") return this.#set(message.report);
    const { video } = { video: this.#video };
    const taken = video && video.readyState >= 2 ? createImageBitmap(video) : Promise.resolve(null);
    void taken
      .catch(() => null)
      .then((picture) => {
        const answer: ToWorker = { type: "picture", picture };
        this.#worker.postMessage(answer, picture ? [picture] : []);
      });
  }

  #set(report: Report): void {
    const wasOver = this.over;
    this.report = report;
    if (this.over && !wasOver) {
      if (this.#video) this.#video.srcObject = null;
      for (const track of this.media.getTracks()) track.stop();
      // The last words may still be on their way.
      setTimeout(() => this.#worker.terminate(), 2000);
    }
    this.dispatchEvent(new Event("change"));
  }
}

/** The server's sentence, and its word for programs. */
export class PublishError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
    this.name = "PublishError";
  }
}

/** What this page publishes; fires `change` when one comes, goes or reports. */
export class Publishers extends EventTarget {
  readonly all = new Set<Publisher>();
  #lock: WakeLockSentinel | null = null;

  constructor() {
    super();
    addEventListener("beforeunload", (event) => {
      if (this.all.size > 0) event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => void this.#stayAwake());
  }

  add(publisher: Publisher): void {
    this.all.add(publisher);
    publisher.addEventListener("change", this.#changed);
    this.#changed();
  }

  remove(publisher: Publisher): void {
    publisher.removeEventListener("change", this.#changed);
    this.all.delete(publisher);
    this.#changed();
  }

  readonly #changed = () => {
    for (const one of this.all) if (one.report.phase === "stopped") this.all.delete(one);
    void this.#stayAwake();
    this.dispatchEvent(new Event("change"));
  };

  /** A phone that locks its screen takes the camera away. */
  async #stayAwake(): Promise<void> {
    const wanted = this.all.size > 0 && !document.hidden;
    if (!wanted) {
      const lock = this.#lock;
      this.#lock = null;
      await lock?.release().catch(() => {});
    } else if (!this.#lock || this.#lock.released) {
      this.#lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
    }
  }
}

export const publishers = new Publishers();
