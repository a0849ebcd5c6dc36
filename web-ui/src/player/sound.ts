// Whether a stream with sound is heard: not before somebody asks for it, as browsers want it.

export class Sound {
  #there = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly changed: () => void,
  ) {}

  /** Whether sound comes with the pictures now. */
  get there(): boolean {
    return this.#there;
  }
  set there(there: boolean) {
    if (there === this.#there) return;
    this.#there = there;
    this.changed();
  }

  get muted(): boolean {
    return this.video.muted;
  }

  async mute(muted: boolean): Promise<void> {
    if (this.video.muted === muted) return;
    this.video.muted = muted;
    this.changed();
    if (muted || this.video.hidden) return;
    try {
      await this.video.play();
    } catch (error) {
      if ((error as Error).name !== "NotAllowedError") return;
      // The browser wants a click first; the picture goes on.
      this.video.muted = true;
      this.changed();
      void this.video.play().catch(() => {});
    }
  }
}
