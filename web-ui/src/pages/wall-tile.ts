// `<e-tile>`: one stream on the wall: its picture, and what is known of it over the picture.
// Events: `aspect` when the picture's shape is known, `act` with what was asked for.

import { LitElement, html, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import "eyeline-player";
import type { EyelinePlayer, PlayerState, PlayerStats } from "eyeline-player";
import type { Quality, StreamInfo } from "../client/types.js";
import { age, fps, plural, rate, stateWords, title } from "../parts/format.js";
import { icon } from "../parts/icons.js";
import "../parts/menu.js";
import { controls } from "../parts/styles.js";
import { tileStyles } from "./wall-style.js";
import { wishFor } from "./wall-wish.js";

export type Act = "big" | "full" | "earlier" | "later" | "stop" | "open";

/** States of the player in which nothing is wrong with it. */
const WELL: PlayerState[] = ["live", "connecting", "suspended", "idle", "paused", "away"];

@customElement("e-tile")
export class Tile extends LitElement {
  @property({ attribute: false }) info!: StreamInfo;
  /** Its place on the wall, from 1; keys go there. */
  @property({ type: Number }) place = 0;
  @property({ type: Boolean, reflect: true }) big = false;
  /** Its height in CSS pixels. */
  @property({ attribute: false }) height = 0;
  /** The one that the tab key goes to. */
  @property({ type: Boolean }) current = false;
  /** In a tab of its own, since this page publishes. */
  @property({ type: Boolean }) elsewhere = false;
  /** Its name is always there. */
  @property({ type: Boolean, reflect: true }) named = false;
  /** Shown by touch. */
  @property({ type: Boolean, reflect: true }) touched = false;
  @state() private stats: PlayerStats | null = null;
  @state() private playing: PlayerState = "idle";
  @state() private full = false;
  @query("eyeline-player") private player!: EyelinePlayer;
  @query("a") private link!: HTMLAnchorElement;
  #wish: Quality | null = null;

  static override styles = [controls, tileStyles];

  override render() {
    const { info } = this;
    const wrong = this.#wrong;
    const words = this.#stateWords();
    return html`<eyeline-player
        src="streams/${encodeURIComponent(info.stream_id)}"
        quality=${this.#quality()}
        fit="contain"
        thumbnail
        @stats=${this.#measured}
        @statechange=${this.#changed}
      ></eyeline-player>
      <a
        href="streams/${encodeURIComponent(info.stream_id)}"
        target=${this.elsewhere ? "_blank" : nothing}
        draggable="false"
        tabindex=${this.current ? 0 : -1}
        aria-label="${title(info)}, ${words}"
        aria-keyshortcuts=${this.place <= 9 ? this.place : nothing}
      ></a>
      <div class="tools">
        <button type="button" class="icon" tabindex=${this.current ? 0 : -1} title=${this.big ? "As large as the others (b)" : "Make it the big one (b)"} aria-label="Big picture" aria-pressed=${this.big} @click=${() => this.#act("big")}>
          ${icon("layout")}
        </button>
        <button type="button" class="icon" tabindex=${this.current ? 0 : -1} title="Full screen (f)" aria-label="Full screen" ?hidden=${!document.fullscreenEnabled} @click=${() => this.#act("full")}>
          ${icon("full")}
        </button>
        <e-menu label="More">
          <button type="button" @click=${() => this.#act("open")}>${icon("next")}Open</button>
          <button type="button" @click=${() => this.#act("earlier")}>${icon("back")}Move earlier</button>
          <button type="button" @click=${() => this.#act("later")}>${icon("next")}Move later</button>
          <button type="button" class="danger" @click=${() => this.#act("stop")}>${icon("stop")}Stop stream</button>
        </e-menu>
      </div>
      <div class="over" ?data-wrong=${wrong}>
        <p class="first"><b title=${info.source}>${title(info)}</b><span class="state" data-state=${this.#shownState()}>${words}</span></p>
        <p class="figures">${this.#figures().map((figure) => html`<span>${figure}</span>`)}</p>
      </div>`;
  }

  override focus(options?: FocusOptions): void {
    this.link?.focus(options);
  }

  fullScreen(): Promise<void> {
    return this.player.toggleFullScreen();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("fullscreenchange", this.#screen);
  }

  override disconnectedCallback(): void {
    document.removeEventListener("fullscreenchange", this.#screen);
    super.disconnectedCallback();
  }

  protected override shouldUpdate(changed: PropertyValues<this>): boolean {
    // Tiles out of sight have nothing to tell anew but their figures.
    return changed.size > 0 && Boolean(this.info);
  }

  /** Something that the visitor should know without asking. */
  get #wrong(): boolean {
    return this.info.state === "away" || !WELL.includes(this.playing) || Boolean(this.stats?.reason);
  }

  #shownState(): string {
    if (this.playing === "denied") return "denied";
    if (!WELL.includes(this.playing)) return "lost";
    return this.info.state;
  }

  #stateWords(): string {
    switch (this.playing) {
      case "denied":
        return "Not let in";
      case "reconnecting":
        return "No connection";
      case "refused":
        return "Full";
      case "unknown":
      case "ended":
        return "Ended";
      default:
        return stateWords(this.info);
    }
  }

  #figures(): string[] {
    const { info, stats } = this;
    const figures: string[] = [];
    if (this.#shownState() === "lost" || this.#shownState() === "denied") return figures;
    const live = info.state === "live";
    if (live && stats?.age_ms !== null && stats?.age_ms !== undefined) figures.push(age(stats.age_ms));
    if (live) figures.push(fps(info.fps || stats?.fps));
    figures.push(plural(info.viewer_count, "viewer"));
    if (live) figures.push(rate(info.bitrate_bps || stats?.bitrate_bps));
    return figures;
  }

  #quality(): Quality {
    if (this.full) return "source";
    this.#wish = wishFor(this.height * devicePixelRatio, this.#wish);
    return this.big ? "source" : this.#wish;
  }

  #act(act: Act): void {
    this.dispatchEvent(new CustomEvent<Act>("act", { detail: act }));
  }

  readonly #measured = (event: CustomEvent<PlayerStats>) => {
    this.stats = event.detail;
    const { width, height } = event.detail;
    if (width && height) this.dispatchEvent(new CustomEvent<number>("aspect", { detail: width / height }));
  };

  readonly #changed = () => {
    this.playing = this.player.state;
  };

  readonly #screen = () => {
    const before = this.full;
    this.full = this.shadowRoot?.fullscreenElement === this.player;
    // The screen took the focus from what is not on it, and keys go on from this tile.
    if (before && !this.full) this.focus({ preventScroll: true });
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "e-tile": Tile;
  }
}
