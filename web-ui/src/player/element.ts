// The custom element: attributes in, a running transport or none, a picture, words, events out.

import type { Frame } from "../client/frame.js";
import type { StreamInfo, Wish } from "../client/types.js";
import { age as ageWords, fps as fpsWords, sentence } from "../parts/format.js";
import { parseAddress, quality, type Address } from "./address.js";
import { PlayerAttributes } from "./attributes.js";
import { chip } from "./chip.js";
import { available } from "./choose.js";
import type { PlayerEventMap, PlayerStats } from "./events.js";
import { figures } from "./figures.js";
import { playerKeyOf } from "./keys.js";
import { Meter } from "./meter.js";
import { mjpeg } from "./mjpeg.js";
import { Overlay } from "./overlay.js";
import { Painter } from "./painter.js";
import { PictureInPicture } from "./pip.js";
import { Presence } from "./presence.js";
import { fetchSnapshot, savePicture } from "./save.js";
import { reasonOf } from "./reason.js";
import { Session, type Host } from "./session.js";
import { Sound } from "./sound.js";
import type { Start, TransportName } from "./transport.js";
import { stateOf, words, type PlayerState } from "./words.js";
import { ws } from "./ws.js";

const TICK_MS = 1000;
/** Shorter waits are not worth words that flash by. */
const WORDS_AFTER_MS = 400;

/** What is asked for out of sight. */
const THUMBNAIL: Wish = { quality: "low", fps: 1, jpeg_quality: null };

/** `<eyeline-player src="http://host:8000/streams/front">`; see docs/player.md. */
export class EyelinePlayer extends PlayerAttributes {
  readonly #overlay: Overlay;
  readonly #painter: Painter;
  readonly #meter = new Meter();
  readonly #pip: PictureInPicture;
  readonly #presence: Presence;
  readonly #session: Session;
  readonly #sound: Sound;
  #address: Address | null = null;
  #paused = false;
  #state: PlayerState = "idle";
  #reason: string | null = null;
  #since = Date.now();
  #newest: { frame: Frame | null; at: number } | null = null;
  #size: { width: number; height: number } | null = null;
  #unsettledAt: number | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.#overlay = new Overlay(this.attachShadow({ mode: "open" }), {
      togglePlay: () => (this.paused ? this.play() : this.pause()),
      snapshot: () => void this.#saveSnapshot(),
      fullScreen: () => void this.toggleFullScreen().catch((error) => this.#fail(error, "full_screen")),
      sound: () => (this.muted = !this.muted),
      quality: (value) => (this.quality = value || null),
    });
    this.#sound = new Sound(this.#overlay.video, () => {
      this.#show();
      this.#emit("volumechange", { muted: this.muted, sound: this.sound });
    });
    this.#session = new Session(this.#host());
    this.#painter = new Painter(this.#overlay.canvas, {
      drawn: (frame, width, height) => this.#drawn(frame, width, height),
      dropped: () => (this.#meter.dropped += 1),
    });
    this.#pip = new PictureInPicture(this.#overlay.canvas, (open) => {
      this.#painter.immediate = open;
      this.#sync();
    });
    this.#presence = new Presence(this, () => {
      this.#sync();
      if (this.thumbnail) this.#session.wishSoon();
    });
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  connectedCallback(): void {
    this.#presence.begin();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#readAddress();
  }

  disconnectedCallback(): void {
    this.#presence.end();
    this.#stop();
    clearInterval(this.#timer);
    clearTimeout(this.#patience);
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value || !this.isConnected) return;
    if (name === "src") this.#readAddress();
    else if (name === "transport") this.#restart();
    else if (name === "quality" || name === "fps" || name === "jpeg-quality") {
      this.#session.wishSoon();
    } else if (name === "muted") this.muted = value !== null;
    this.#show();
  }

  // What is known.

  get state(): PlayerState {
    return this.#state;
  }
  get reason(): string | null {
    return this.#reason;
  }
  get paused(): boolean {
    return this.#paused;
  }
  /** The stream as the server told it last. */
  get info(): StreamInfo | null {
    return this.#session.status?.info ?? null;
  }
  /** Whether the stream has sound that can be heard here. */
  get sound(): boolean {
    return this.#sound.there;
  }
  /** True at first, as browsers want it. Set to false it may stay so: without a click some let nothing be heard. */
  get muted(): boolean {
    return this.#sound.muted;
  }
  set muted(value: boolean) {
    void this.#sound.mute(value);
  }
  /** The transports that this browser has. */
  get transports(): TransportName[] {
    return available();
  }
  /** What this player asks for: its attributes, then what stands in `src`. */
  get wish(): Wish {
    const asked = this.#address?.wish;
    if (this.#isThumbnail) return THUMBNAIL;
    return {
      quality: quality(this.getAttribute("quality")) ?? asked?.quality ?? null,
      fps: this.fps ?? asked?.fps ?? null,
      jpeg_quality: this.jpegQuality ?? asked?.jpeg_quality ?? null,
    };
  }
  get stats(): PlayerStats {
    const quality = this.#newest?.frame?.quality ?? null;
    return figures(this.#state, this.#session, this.#meter, { quality, asked: this.wish.quality, size: this.#size });
  }

  // What can be done.

  play(): void {
    this.#paused = false;
    this.#sync();
  }

  /** Closes the stream here; the last picture stays. */
  pause(): void {
    this.#paused = true;
    this.#sync();
  }

  /** The picture that is shown, as the JPEG that came; nothing is encoded again. */
  async snapshot(): Promise<Blob> {
    if (this.#newest?.frame && !this.#overlay.canvas.hidden) {
      return new Blob([this.#newest.frame.jpeg], { type: "image/jpeg" });
    }
    return fetchSnapshot(this.#address);
  }

  get fullScreenAvailable(): boolean {
    return document.fullscreenEnabled === true;
  }

  async toggleFullScreen(): Promise<void> {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await this.requestFullscreen();
  }

  get pictureInPictureAvailable(): boolean {
    return PictureInPicture.available && this.#session.name === "ws";
  }

  togglePictureInPicture(): Promise<void> {
    return this.#pip.toggle();
  }

  // Running.

  /** Out of sight in a page that is not: a picture now and then is enough. */
  get #isThumbnail(): boolean {
    const { known, seen, pageShown } = this.#presence;
    const laidOut = this.getClientRects().length > 0;
    return this.thumbnail && known && !seen && pageShown && laidOut && !this.#pip.open;
  }

  #readAddress(): void {
    const address = this.src ? parseAddress(this.src, document.baseURI) : null;
    const same =
      address && this.#address && address.base.href === this.#address.base.href && address.id === this.#address.id;
    this.#address = address;
    this.#session.forget(!same);
    if (!same) {
      this.#newest = null;
      this.#size = null;
      this.#overlay.setName(address?.id ?? "");
    }
    this.#restart();
  }

  #restart(): void {
    this.#stop();
    this.#sync();
  }

  /** Runs a transport exactly while there is somebody to see its pictures. */
  #sync(): void {
    const shown = this.#presence.seen || this.#isThumbnail;
    const wanted = this.isConnected && this.#address && !this.#paused && (shown || this.#pip.open);
    const { transport } = this.#session;
    if (wanted && !transport) this.#session.start(this.#address as Address);
    if (!wanted && transport) this.#stop();
    this.#settle();
  }

  /** What a session needs of the player. */
  #host(): Host {
    const player = this;
    return {
      get asked() {
        return player.transport;
      },
      get wish() {
        return player.wish;
      },
      get floats() {
        return player.#pip.open;
      },
      screens: this.#overlay,
      starting: (start) => this.#starting(start),
      frame: (frame) => this.#received(frame),
      received: (bytes, number) => this.#meter.received(performance.now(), bytes, number, "source"),
      shown: (timestamp, number, width, height) => {
        this.#overlay.use("video");
        this.#shown(timestamp, number, width, height);
      },
      feedback: () => this.#meter.feedback(performance.now()),
      sound: (there) => (this.#sound.there = there),
      told: () => this.#settle(),
      failed: (message, code) => this.#fail(message, code),
    };
  }

  #starting(start: Start): void {
    this.#painter.clear();
    this.#meter.restart();
    if (start === mjpeg) this.#overlay.use("image");
    // Until a video has a picture, the one that is there stays.
    else if (start === ws || this.#newest === null) this.#overlay.use("canvas");
  }

  #stop(): void {
    this.#session.stop();
    this.#painter.clear();
    this.#meter.restart();
  }

  #received(frame: Frame): void {
    this.#meter.received(performance.now(), frame.jpeg.byteLength, frame.frame_number, frame.quality);
    this.#painter.push(frame);
  }

  #drawn(frame: Frame, width: number, height: number): void {
    this.#shown(frame.timestamp, frame.frame_number, width, height, frame);
  }

  #shown(timestamp: number, frame_number: number, width: number, height: number, frame: Frame | null = null): void {
    const first = this.#newest === null;
    this.#newest = { frame, at: performance.now() };
    const age_ms = this.#session.transport?.age(timestamp) ?? null;
    this.#meter.shown(this.#newest.at, age_ms);
    if (this.#size?.width !== width || this.#size.height !== height) {
      this.#size = { width, height };
      this.style.setProperty("--own-aspect", String(width / height));
    }
    if (first) this.#show();
    this.#emit("frame", { timestamp, frame_number, age_ms, width, height });
  }

  // Showing.

  /** Finds the state and tells of it if it changed. */
  #settle(): void {
    const { status, transport } = this.#session;
    let state: PlayerState = "idle";
    if (this.#address) {
      if (this.#paused) state = "paused";
      else if (!transport) state = "suspended";
      else state = status ? stateOf(status) : "connecting";
    }
    const reason = transport ? (status?.reason ?? null) : null;
    const changed = state !== this.#state || reason !== this.#reason;
    if (state !== this.#state) this.#since = Date.now();
    if (state === "away" && status) this.#since = status.since;
    this.#state = state;
    this.#reason = reason;
    if (state !== "connecting" && state !== "reconnecting") this.#unsettledAt = null;
    else this.#unsettledAt ??= performance.now();
    this.#show();
    if (!changed) return;
    const said = words(state, status, this.#address?.id ?? "");
    this.#overlay.say(said ? `${said.title} ${said.text}` : state === "live" ? "Live" : "");
    this.#emit("statechange", { state, reason, since: this.#since });
    if (state === "denied" || state === "unknown" || state === "refused") {
      this.#fail(reason ?? said?.title ?? "", state);
    }
  }

  #show(): void {
    clearTimeout(this.#patience);
    const waited = this.#unsettledAt === null ? Infinity : performance.now() - this.#unsettledAt;
    if (waited < WORDS_AFTER_MS) {
      this.#patience = setTimeout(() => this.#show(), WORDS_AFTER_MS - waited);
    }
    const state = this.#state;
    const { name, status } = this.#session;
    const picture = name === "mjpeg" ? state === "live" : this.#newest !== null;
    const quiet = waited < WORDS_AFTER_MS || (picture && state === "paused");
    const info = status?.info?.settings;
    if (!this.#size && info?.width && info.height) {
      this.style.setProperty("--own-aspect", String(info.width / info.height));
    }
    this.#overlay.setWords(quiet ? null : words(state, status, this.#address?.id ?? ""), state);
    this.#overlay.setPicture(picture, !quiet && !["live", "paused", "suspended"].includes(state));
    this.#overlay.setChip(this.#chip(picture));
    const { fps, age_ms } = this.stats;
    const figures = state === "live" ? [age_ms === null ? "" : ageWords(age_ms), fpsWords(fps)] : [];
    const line = figures.filter(Boolean).join(" · ");
    this.#overlay.setHud(this.latencyHud && line ? line : null);
    const label = { live: "Live", paused: "Paused" }[state as string] ?? "";
    this.#overlay.setBar(
      this.controls,
      state,
      [label, line].filter(Boolean).join(" · "),
      this.getAttribute("quality") ?? "",
      this.fullScreenAvailable,
    );
    this.#overlay.setSound(this.sound ? { muted: this.muted } : null);
    if (this.controls && !this.hasAttribute("tabindex")) this.tabIndex = 0;
  }

  #chip(picture: boolean): string | null {
    const { startedAt, status, transport } = this.#session;
    const counted = this.#newest && transport?.counts;
    return chip({
      state: this.#state,
      picture,
      controls: this.controls,
      silent_ms: counted ? performance.now() - Math.max(this.#newest?.at ?? 0, startedAt) : null,
      fps: this.info?.fps ?? 1,
      reason: reasonOf(status, transport?.name ?? null, this.wish.quality),
    });
  }

  #tick(): void {
    this.#show();
    this.#emit("stats", this.stats);
  }

  async #saveSnapshot(): Promise<void> {
    try {
      savePicture(await this.snapshot());
    } catch (error) {
      this.#fail(error, "snapshot");
    }
  }

  #key(event: KeyboardEvent): void {
    const key = this.controls ? playerKeyOf(event) : null;
    if (!key) return;
    if (key === "toggle") this.paused ? this.play() : this.pause();
    else if (key === "sound") this.muted = !this.muted;
    else if (key === "full") void this.toggleFullScreen().catch(() => {});
    else void this.#saveSnapshot();
    event.preventDefault();
  }

  #fail(error: unknown, code: string): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#emit("error", { message: sentence(message), code });
  }

  #emit<Name extends keyof PlayerEventMap>(name: Name, detail: PlayerEventMap[Name]["detail"]): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
