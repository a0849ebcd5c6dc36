// Makes JPEGs of a camera's pictures and sends them. In a worker, because a page that is not
// to be seen (while its visitor shares another window) is slowed down to one timer a second.

import { now } from "../client/clock.js";
import { ProducerLink } from "./link.js";
import { sizeFor } from "./message.js";
import { Pace, Rate } from "./pace.js";
import type { FromWorker, Report, Settings, ToWorker } from "./protocol.js";

const REPORT_EVERY_MS = 1000;
/** How often to look again while the socket is not ready. */
const LOOK_AGAIN_MS = 10;

const say = (message: FromWorker) => (self as unknown as Worker).postMessage(message);

class Work {
  readonly #link: ProducerLink;
  readonly #pace: Pace;
  readonly #canvas = new OffscreenCanvas(2, 2);
  readonly #pictures = new Rate();
  readonly #bytes = new Rate();
  readonly #reporting: ReturnType<typeof setInterval>;
  #busy = false;
  #done = false;

  constructor(
    url: string,
    private readonly settings: Settings,
    readonly stream: ReadableStream<VideoFrame> | null,
  ) {
    this.#pace = new Pace(settings.fps);
    this.#link = new ProducerLink(url, settings.id, settings.name, (state) => {
      this.#pace?.setWatched(state.watched);
      this.#done = state.phase === "refused" || state.phase === "stopped";
      // The first state can come before `#link` is set.
      queueMicrotask(() => this.report());
    });
    this.#reporting = setInterval(() => this.report(), REPORT_EVERY_MS);
    if (stream) void this.#read(stream);
    else this.#ask();
  }

  /** Takes pictures as the camera gives them; those that are not due are let go at once. */
  async #read(stream: ReadableStream<VideoFrame>): Promise<void> {
    const reader = stream.getReader();
    while (!this.#done) {
      const { value: frame, done } = await reader.read();
      if (done) break;
      if (this.#due()) await this.#send(frame, frame.displayWidth, frame.displayHeight);
      frame.close();
    }
    await reader.cancel().catch(() => {});
  }

  /** Asks the page for a picture when one is due, where the camera cannot be read from here. */
  #ask(): void {
    if (this.#done) return;
    const wait = this.#pace.wait(performance.now());
    if (wait === 0 && this.#due()) say({ type: "want" });
    else setTimeout(() => this.#ask(), Math.max(wait, LOOK_AGAIN_MS));
  }

  async asked(picture: ImageBitmap | null): Promise<void> {
    if (picture) {
      await this.#send(picture, picture.width, picture.height);
      picture.close();
    }
    // Without a rate of its own the page's pictures are taken 30 times a second.
    setTimeout(() => this.#ask(), this.settings.fps ? 0 : picture ? 1000 / 30 : 200);
  }

  #due(): boolean {
    return !this.#busy && this.#link.ready && this.#pace.wait(performance.now()) === 0;
  }

  async #send(picture: CanvasImageSource, width: number, height: number): Promise<void> {
    const capturedAt = now();
    this.#pace.taken(performance.now());
    this.#busy = true;
    try {
      const size = sizeFor(this.settings.quality, width, height);
      if (this.#canvas.width !== size.width) this.#canvas.width = size.width;
      if (this.#canvas.height !== size.height) this.#canvas.height = size.height;
      const context = this.#canvas.getContext("2d", { alpha: false });
      context?.drawImage(picture, 0, 0, size.width, size.height);
      const quality = this.settings.jpegQuality / 100;
      const jpeg = await this.#canvas.convertToBlob({ type: "image/jpeg", quality });
      const sent = this.#link.send(await jpeg.arrayBuffer(), capturedAt);
      if (sent > 0) {
        this.#pictures.add(performance.now());
        this.#bytes.add(performance.now(), sent);
      }
    } finally {
      this.#busy = false;
    }
  }

  report(): void {
    const at = performance.now();
    const report: Report = {
      ...this.#link.state,
      fps: this.#pictures.perSecond(at),
      bytesPerSecond: this.#bytes.perSecond(at),
      width: this.#canvas.width,
      height: this.#canvas.height,
    };
    say({ type: "report", report });
    if (this.#done) clearInterval(this.#reporting);
  }

  stop(): void {
    this.#link.stop();
  }
}

let work: Work | null = null;

self.onmessage = (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if (message.type === "start") work = new Work(message.url, message.settings, message.pictures);
  else if (message.type === "picture") void work?.asked(message.picture);
  else work?.stop();
};
