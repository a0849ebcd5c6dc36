// `<e-capture>`: the visitor's camera or screen, chosen and previewed before it is published.
// Event: `change`, when there is another picture or none. `copy()` is to be kept
// by whoever publishes it; the preview ends with the dialog.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Quality } from "../client/types.js";
import { cameras, cannotCapture, captureFailure, openCamera, openScreen, type Camera } from "../publish/media.js";
import { icon } from "./icons.js";
import { controls } from "./styles.js";

@customElement("e-capture")
export class Capture extends LitElement {
  @property() quality: Quality = "high";
  @property({ attribute: false }) fps: number | null = null;
  @state() kind: "camera" | "screen" = "camera";
  @state() private media: MediaStream | null = null;
  @state() private devices: Camera[] = [];
  @state() private device: string | null = null;
  @state() private opening = false;
  @state() private wrong: string | null = null;

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: var(--space-3);
      }
      .stage {
        position: relative;
        display: flex;
        align-items: center;
        justify-content: center;
        aspect-ratio: 16 / 9;
        max-height: min(40vh, 240px);
        border-radius: var(--radius);
        background: var(--picture);
        color: var(--on-picture);
        overflow: hidden;
      }
      video {
        position: absolute;
        width: 100%;
        height: 100%;
        object-fit: contain;
      }
      .stage p {
        max-width: 480px;
        padding: var(--space-4);
        text-align: center;
      }
      .stage button {
        background: var(--scrim);
        border-color: var(--on-picture);
        color: var(--on-picture);
      }
      .stage > div {
        display: flex;
        flex-direction: column;
        align-items: center;
        padding: var(--space-3);
      }
      select {
        flex: 1 1 160px;
      }
    `,
  ];

  /** What is shown now. */
  get label(): string {
    return this.media?.getVideoTracks()[0]?.label ?? "";
  }

  get ready(): boolean {
    return this.media !== null;
  }

  /** The same pictures once more, to be stopped by whoever takes them. */
  copy(): MediaStream | null {
    return this.media?.clone() ?? null;
  }

  override disconnectedCallback(): void {
    this.close();
    super.disconnectedCallback();
  }

  close(): void {
    for (const track of this.media?.getTracks() ?? []) track.stop();
    this.media = null;
  }

  override render() {
    const cannot = cannotCapture(this.kind);
    return html`<div class="row" role="group" aria-label="What to publish">
        ${this.#choice("camera", "camera", "Camera")}${this.#choice("screen", "panel", "Screen or window")}
        ${this.kind === "camera" && this.devices.length > 1
          ? html`<select aria-label="Camera" @change=${this.#pick}>
              ${this.devices.map((one) => html`<option value=${one.id} ?selected=${one.id === this.device}>${one.label}</option>`)}
            </select>`
          : nothing}
      </div>
      <div class="stage">
        ${this.media
          ? html`<video .srcObject=${this.media} autoplay muted playsinline aria-label="Preview"></video>`
          : html`<div>
              <p role=${cannot || this.wrong ? "alert" : nothing}>
                ${cannot ?? this.wrong ?? (this.opening ? "Waiting for you to allow it in the browser…" : this.#invitation)}
              </p>
              ${cannot ? nothing : html`<button type="button" ?disabled=${this.opening} @click=${this.#open}>${this.#verb}</button>`}
            </div>`}
      </div>`;
  }

  get #invitation(): string {
    return this.kind === "camera"
      ? "The browser asks whether this page may use the camera. Nothing is sent before you press “Publish”."
      : "Choose a screen, a window or a tab. Nothing is sent before you press “Publish”.";
  }

  get #verb(): string {
    if (this.wrong) return "Try again";
    return this.kind === "camera" ? "Open the camera" : "Choose what to share";
  }

  #choice(kind: "camera" | "screen", glyph: "camera" | "panel", label: string) {
    return html`<button type="button" aria-pressed=${this.kind === kind} @click=${() => this.#switch(kind)}>
      ${icon(glyph)}${label}
    </button>`;
  }

  #switch(kind: "camera" | "screen"): void {
    if (kind === this.kind && this.media) return;
    this.close();
    this.kind = kind;
    this.wrong = null;
    this.#tell();
  }

  readonly #pick = (event: Event) => {
    this.device = (event.target as HTMLSelectElement).value;
    this.close();
    void this.#open();
  };

  readonly #open = async () => {
    this.opening = true;
    this.wrong = null;
    const { kind } = this;
    try {
      const media = await (kind === "camera"
        ? openCamera(this.device, this.quality, this.fps)
        : openScreen(this.fps));
      if (!this.isConnected || kind !== this.kind) return media.getTracks().forEach((track) => track.stop());
      this.media = media;
      const track = media.getVideoTracks()[0];
      track?.addEventListener("ended", () => this.media === media && (this.close(), this.#tell()));
      if (kind === "camera") {
        this.device = track?.getSettings().deviceId ?? this.device;
        this.devices = await cameras();
      }
    } catch (error) {
      this.wrong = captureFailure(error, kind);
    } finally {
      this.opening = false;
      this.#tell();
    }
  };

  #tell(): void {
    this.dispatchEvent(new Event("change"));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "e-capture": Capture;
  }
}
