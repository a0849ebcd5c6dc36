// JPEG to canvas: decoded off the main thread, one at a time, drawn when the screen is ready for
// it. The newest picture wins; older ones that are still waiting are dropped.

import type { Frame } from "../client/frame.js";

export interface PainterEvents {
  /** A picture is on the canvas. */
  drawn(frame: Frame, width: number, height: number): void;
  /** A picture was not drawn: a newer one was there first, or it could not be decoded. */
  dropped(frame: Frame): void;
}

export class Painter {
  /** Draws at once instead of with the screen: a hidden page has no screen. */
  immediate = false;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: ImageBitmapRenderingContext | null;
  readonly #flat: CanvasRenderingContext2D | null;
  #next: Frame | null = null;
  #decoding = false;
  #ready: { frame: Frame; bitmap: ImageBitmap } | null = null;
  #screen = 0;
  #round = 0;

  constructor(
    canvas: HTMLCanvasElement,
    private readonly events: PainterEvents,
  ) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("bitmaprenderer", { alpha: false });
    this.#flat = this.#context ? null : canvas.getContext("2d", { alpha: false });
  }

  push(frame: Frame): void {
    if (this.#next) this.events.dropped(this.#next);
    this.#next = frame;
    if (!this.#decoding) void this.#decode();
  }

  /** Forgets what is not drawn yet. What is drawn stays. */
  clear(): void {
    this.#round += 1;
    this.#next = null;
    this.#ready?.bitmap.close();
    this.#ready = null;
    cancelAnimationFrame(this.#screen);
    this.#screen = 0;
  }

  async #decode(): Promise<void> {
    this.#decoding = true;
    while (this.#next) {
      const frame = this.#next;
      const round = this.#round;
      this.#next = null;
      try {
        const bitmap = await createImageBitmap(new Blob([frame.jpeg], { type: "image/jpeg" }));
        if (round === this.#round) this.#decoded(frame, bitmap);
        else bitmap.close();
      } catch {
        if (round === this.#round) this.events.dropped(frame);
      }
    }
    this.#decoding = false;
  }

  #decoded(frame: Frame, bitmap: ImageBitmap): void {
    if (this.#ready) {
      this.#ready.bitmap.close();
      this.events.dropped(this.#ready.frame);
    }
    this.#ready = { frame, bitmap };
    if (this.immediate) this.#draw();
    else this.#screen ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#screen = 0;
    if (!this.#ready) return;
    const { frame, bitmap } = this.#ready;
    const { width, height } = bitmap;
    this.#ready = null;
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    if (this.#context) {
      this.#context.transferFromImageBitmap(bitmap);
    } else {
      this.#flat?.drawImage(bitmap, 0, 0);
      bitmap.close();
    }
    this.events.drawn(frame, width, height);
  }
}
