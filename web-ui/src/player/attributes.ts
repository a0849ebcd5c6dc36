// The attributes of the player, and the properties that mirror them.

import { number, quality } from "./address.js";
import { TRANSPORTS, type TransportName } from "./transport.js";

export class PlayerAttributes extends HTMLElement {
  static readonly observedAttributes = [
    "src",
    "quality",
    "fps",
    "jpeg-quality",
    "transport",
    "controls",
    "latency-hud",
    "muted",
    "fit",
  ];

  get src(): string {
    return this.getAttribute("src") ?? "";
  }
  set src(value: string) {
    this.#reflect("src", value);
  }
  /** `source`, `high`, `medium` or `low`; null is the stream's default. */
  get quality(): string | null {
    return quality(this.getAttribute("quality"));
  }
  set quality(value: string | null) {
    this.#reflect("quality", value);
  }
  /** Pictures a second; null is as the stream comes. */
  get fps(): number | null {
    return number(this.getAttribute("fps"));
  }
  set fps(value: number | null) {
    this.#reflect("fps", value);
  }
  /** 1–100; null is the stream's default. */
  get jpegQuality(): number | null {
    return number(this.getAttribute("jpeg-quality"));
  }
  set jpegQuality(value: number | null) {
    this.#reflect("jpeg-quality", value);
  }
  /** `auto` (the default), `ws`, `mjpeg`, `mse` or `hls`. */
  get transport(): "auto" | TransportName {
    const value = this.getAttribute("transport");
    return TRANSPORTS.find((name) => name === value) ?? "auto";
  }
  set transport(value: "auto" | TransportName) {
    this.#reflect("transport", value);
  }
  get controls(): boolean {
    return this.hasAttribute("controls");
  }
  set controls(value: boolean) {
    this.toggleAttribute("controls", value);
  }
  /** Whether one picture a second is shown while it is scrolled out of sight. */
  get thumbnail(): boolean {
    return this.hasAttribute("thumbnail");
  }
  set thumbnail(value: boolean) {
    this.toggleAttribute("thumbnail", value);
  }
  get latencyHud(): boolean {
    return this.hasAttribute("latency-hud");
  }
  set latencyHud(value: boolean) {
    this.toggleAttribute("latency-hud", value);
  }
  /** `contain` (the default) or `cover`. */
  get fit(): "contain" | "cover" {
    return this.getAttribute("fit") === "cover" ? "cover" : "contain";
  }
  set fit(value: "contain" | "cover") {
    this.#reflect("fit", value);
  }

  #reflect(name: string, value: string | number | null): void {
    if (value === null || value === "") this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }
}
