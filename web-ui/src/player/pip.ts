// Picture-in-picture: the canvas as a video in the browser's own small window.

export class PictureInPicture {
  #video: HTMLVideoElement | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly onchange: (open: boolean) => void,
  ) {}

  static get available(): boolean {
    return document.pictureInPictureEnabled === true && "captureStream" in HTMLCanvasElement.prototype;
  }

  get open(): boolean {
    return this.#video !== null && document.pictureInPictureElement === this.#video;
  }

  async toggle(): Promise<void> {
    if (this.open) return document.exitPictureInPicture();
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = this.canvas.captureStream();
    this.#video = video;
    video.addEventListener("leavepictureinpicture", () => {
      video.srcObject = null;
      this.#video = null;
      this.onchange(false);
    });
    await video.play();
    await video.requestPictureInPicture();
    this.onchange(true);
  }
}
