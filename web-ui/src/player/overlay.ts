// What stands over the picture: words, figures, controls. Plain elements; knows nothing of
// streams. What people do comes out as calls of `actions`.

import * as paths from "../parts/icon-paths.js";
import { style } from "./style.js";
import type { PlayerState, Words } from "./words.js";

export interface Actions {
  togglePlay(): void;
  snapshot(): void;
  fullScreen(): void;
  sound(): void;
  quality(value: string): void;
}

const QUALITIES: [string, string][] = [
  ["", "As the stream"],
  ["source", "Source"],
  ["high", "720p"],
  ["medium", "480p"],
  ["low", "320p"],
];
const TOUCHED_FOR_MS = 3000;

export class Overlay {
  readonly canvas = document.createElement("canvas");
  readonly image = document.createElement("img");
  readonly video = document.createElement("video");
  readonly #root = document.createElement("div");
  readonly #message = make("div", "message");
  readonly #title = document.createElement("strong");
  readonly #text = document.createElement("span");
  readonly #said = make("div", "said");
  readonly #hud = make("div", "hud");
  readonly #chip = make("div", "slow");
  readonly #bar = make("div", "bar");
  readonly #state = make("span", "state");
  readonly #play: HTMLButtonElement;
  readonly #quality = document.createElement("select");
  readonly #full: HTMLButtonElement;
  readonly #sound: HTMLButtonElement;

  constructor(shadow: ShadowRoot, actions: Actions) {
    shadow.adoptedStyleSheets = [style()];
    this.#root.id = "root";
    this.#root.className = "empty";
    this.canvas.setAttribute("role", "img");
    this.image.hidden = true;
    this.image.alt = "";
    this.video.hidden = true;
    this.video.muted = this.video.playsInline = this.video.autoplay = true;
    this.video.disableRemotePlayback = true;
    this.#said.setAttribute("role", "status");
    this.#message.setAttribute("aria-hidden", "true");
    const panel = document.createElement("div");
    panel.append(glyph("camera"), this.#title, this.#text);
    this.#message.append(panel);
    this.#play = button("pause", "Pause", actions.togglePlay);
    this.#sound = button("muted", "Unmute (m)", actions.sound);
    this.#sound.hidden = true;
    this.#full = button("full", "Full screen (f)", actions.fullScreen);
    this.#quality.title = "Quality";
    this.#quality.setAttribute("aria-label", "Quality");
    this.#quality.append(...QUALITIES.map(([value, label]) => new Option(label, value)));
    this.#quality.onchange = () => actions.quality(this.#quality.value);
    this.#bar.append(
      this.#play,
      this.#sound,
      this.#state,
      this.#quality,
      button("snapshot", "Snapshot (s)", actions.snapshot),
      this.#full,
    );
    for (const part of [this.#message, this.#hud, this.#chip, this.#bar]) part.hidden = true;
    this.#root.append(
      this.canvas,
      this.image,
      this.video,
      this.#message,
      this.#chip,
      this.#hud,
      this.#bar,
      this.#said,
    );
    shadow.append(this.#root);
    this.#showOnTouch();
  }

  setName(name: string): void {
    this.canvas.setAttribute("aria-label", `Picture of ${name}`);
    this.image.alt = `Picture of ${name}`;
    this.video.setAttribute("aria-label", `Picture of ${name}`);
  }

  /** Whether there is a picture, and whether it is an old one. */
  setPicture(shown: boolean, old: boolean): void {
    this.#root.classList.toggle("empty", !shown);
    this.#root.classList.toggle("old", shown && old);
  }

  /** Where pictures are to be seen. */
  use(screen: "canvas" | "image" | "video"): void {
    this.canvas.hidden = screen !== "canvas";
    this.image.hidden = screen !== "image";
    this.video.hidden = screen !== "video";
  }

  setWords(words: Words | null, state: PlayerState): void {
    this.#message.hidden = words === null;
    if (!words) return;
    this.#message.dataset.state = state;
    set(this.#title, words.title);
    set(this.#text, words.text);
  }

  /** Read out once; not at every second that passes. */
  say(text: string): void {
    set(this.#said, text);
  }

  setHud(text: string | null): void {
    this.#hud.hidden = text === null;
    set(this.#hud, text ?? "");
  }

  /** Something worth knowing beside a picture that goes on: a slow link, a pause. */
  setChip(text: string | null): void {
    this.#chip.hidden = text === null;
    set(this.#chip, text ?? "");
  }

  setBar(shown: boolean, state: PlayerState, text: string, quality: string, full: boolean): void {
    this.#bar.hidden = !shown;
    if (!shown) return;
    this.#root.classList.toggle("waits", state === "paused");
    set(this.#state, text);
    this.#state.dataset.state = state;
    const playing = state !== "paused";
    relabel(this.#play, playing ? "pause" : "play", playing ? "Pause (space)" : "Play (space)");
    if (this.#quality.value !== quality) this.#quality.value = quality;
    this.#full.hidden = !full;
  }

  /** A button for the sound, if there is any. */
  setSound(sound: { muted: boolean } | null): void {
    this.#sound.hidden = sound === null;
    if (!sound) return;
    relabel(this.#sound, sound.muted ? "muted" : "sound", sound.muted ? "Unmute (m)" : "Mute (m)");
  }

  #showOnTouch(): void {
    let timer = 0;
    this.#root.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse") return;
      this.#root.classList.add("touched");
      clearTimeout(timer);
      timer = window.setTimeout(() => this.#root.classList.remove("touched"), TOUCHED_FOR_MS);
    });
  }
}

function make(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

/** Only if it changed, so that nothing flickers and selections stay. */
function set(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function button(icon: keyof typeof paths, label: string, onclick: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.onclick = onclick;
  relabel(element, icon, label);
  return element;
}

function relabel(element: HTMLButtonElement, icon: keyof typeof paths, label: string): void {
  if (element.title === label) return;
  element.title = label;
  element.setAttribute("aria-label", label);
  element.replaceChildren(glyph(icon));
}

function glyph(icon: keyof typeof paths): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", paths[icon]);
  svg.append(path);
  return svg;
}
