// One stream: its picture, what this viewer wishes, and what is known of it.

import { LitElement, css, html, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import "eyeline-player";
import type { EyelinePlayer } from "../player/element.js";
import type { PlayerStats, StateChange } from "../player/events.js";
import { ApiError } from "../client/rest.js";
import { asApiError, repeat } from "../client/streams.js";
import type { StreamInfo, Wish } from "../client/types.js";
import { age, ago, fps, plural, title } from "../parts/format.js";
import { icon, mark } from "../parts/icons.js";
import { api, base, events } from "../parts/server.js";
import { controls } from "../parts/styles.js";
import { say } from "../parts/toast.js";
import "./stream/drawer.js";
import { History } from "./stream/history.js";
import { Log, type Line } from "./stream/log.js";
import "./stream/settings.js";
import "./stream/share.js";
import "./stream/tools.js";
import type { Tool } from "./stream/tools.js";
import { queryOf, wishOf } from "./stream/wish.js";

const ASK_EVERY_MS = 2000;
const DRAWER_KEPT = "eyeline.details";

@customElement("eyeline-stream")
export class StreamPage extends LitElement {
  readonly #id = decodeURIComponent(location.pathname.split("/").pop() ?? "");
  readonly #history = new History();
  readonly #log = new Log(this.#id);
  @state() private info: StreamInfo | null = null;
  @state() private failure: ApiError | null = null;
  @state() private wish: Wish = wishOf(location.search);
  @state() private transport = "auto";
  @state() private stats: PlayerStats | null = null;
  @state() private now: StateChange | null = null;
  @state() private lines: Line[] = [];
  @state() private details = recall();
  @state() private open: "share" | "settings" | null = null;
  @query("eyeline-player") private player!: EyelinePlayer;
  #stop: (() => void)[] = [];

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr) auto;
        grid-template-areas: "top top" "stage drawer" "tools tools";
        height: 100vh;
        height: 100dvh;
      }
      header {
        grid-area: top;
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-width: 0;
        min-height: 48px;
        padding: 0 var(--space-4) 0 var(--space-2);
        border-bottom: 1px solid var(--line);
      }
      .home {
        color: var(--accent);
      }
      .home svg {
        width: 24px;
        height: 24px;
      }
      h1 {
        min-width: 0;
        overflow: hidden;
        font-size: var(--text-title);
        font-weight: 600;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .figures {
        display: flex;
        gap: var(--space-3);
        margin-left: auto;
        color: var(--quiet);
        white-space: nowrap;
      }
      .figures .state {
        margin: 0;
      }
      main {
        grid-area: stage;
        display: flex;
        flex-direction: column;
        min-width: 0;
        min-height: 0;
        background: var(--picture);
      }
      eyeline-player {
        flex: 1;
        width: 100%;
        min-height: 0;
        --eyeline-aspect: auto;
      }
      .notice {
        padding: var(--space-2) var(--space-4);
        background: var(--raised);
        border-bottom: 1px solid var(--line);
      }
      e-tools {
        grid-area: tools;
      }
      e-drawer {
        grid-area: drawer;
        width: clamp(360px, 30vw, 760px);
        border-left: 1px solid var(--line);
      }
      @media (max-width: 700px) {
        :host {
          display: flex;
          flex-direction: column;
          height: auto;
          min-height: 100dvh;
        }
        main {
          flex: none;
        }
        eyeline-player {
          --eyeline-aspect: initial;
          flex: none;
          max-height: 70dvh;
        }
        .wide {
          display: none;
        }
        e-drawer {
          position: fixed;
          z-index: 20;
          inset: auto 0 0;
          width: auto;
          height: max(52dvh, calc(100dvh - 49px - 56.25vw));
          border: 1px solid var(--line);
          border-width: 1px 0 0;
          border-radius: 12px 12px 0 0;
          padding-bottom: env(safe-area-inset-bottom);
        }
      }
      @media (min-width: 701px) and (max-width: 1000px) {
        e-drawer {
          width: 340px;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = `${this.#id} · Eyeline`;
    const loop = repeat(ASK_EVERY_MS, () => this.#ask());
    const silence = events.listen((event) => {
      if (this.#log.add(event)) this.lines = this.#log.lines;
      if (event.name === "stream_changed" && event.data.stream_id === this.#id && event.data.info) {
        this.info = event.data.info;
      } else if (event.name.startsWith("stream_") || event.name === "missed") loop.now();
    });
    document.addEventListener("keydown", this.#key);
    this.#stop = [loop.stop, silence, () => document.removeEventListener("keydown", this.#key)];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stop) stop();
  }

  async #ask(): Promise<void> {
    try {
      this.info = await api.stream(this.#id);
      this.failure = null;
      this.#log.begin(this.info);
      document.title = `${title(this.info)} · Eyeline`;
    } catch (error) {
      this.failure = asApiError(error);
    }
  }

  override render() {
    const { wish } = this;
    return html`
      <header>
        <a class="button plain icon home" href=${base.href} title="All streams" aria-label="All streams">${mark()}</a>
        <h1>${this.info ? title(this.info) : this.#id}</h1>
        ${this.#figures()}
      </header>
      <main>
        ${this.#notice()}
        <eyeline-player
          src=${new URL(`streams/${encodeURIComponent(this.#id)}`, base).href}
          quality=${wish.quality ?? nothing}
          fps=${wish.fps ?? nothing}
          jpeg-quality=${wish.jpeg_quality ?? nothing}
          transport=${this.transport}
          @stats=${(event: CustomEvent<PlayerStats>) => this.#measured(event.detail)}
          @statechange=${(event: CustomEvent<StateChange>) => (this.now = event.detail)}
          @dblclick=${() => this.#do("full")}
        ></eyeline-player>
      </main>
      <e-tools
        .wish=${wish}
        transport=${this.transport}
        .used=${this.stats?.transport ?? null}
        ?pip=${this.player?.pictureInPictureAvailable ?? false}
        ?full=${document.fullscreenEnabled}
        ?panel=${this.details}
        @wish=${(event: CustomEvent<Wish>) => this.#setWish(event.detail)}
        @transport=${(event: CustomEvent<string>) => (this.transport = event.detail)}
        @tool=${(event: CustomEvent<Tool>) => this.#do(event.detail)}
      ></e-tools>
      ${
        this.details
          ? html`<e-drawer
              stream=${this.#id}
              viewers=${this.info?.viewer_count ?? 0}
              .history=${this.#history}
              .stats=${this.stats}
              .lines=${this.lines}
              @close=${() => this.#do("panel")}
            ></e-drawer>`
          : nothing
      }
      <e-share stream=${this.#id} name=${this.info ? title(this.info) : this.#id} query=${queryOf(wish)} ?open=${this.open === "share"} @close=${this.#closed}></e-share>
      <e-settings .info=${this.info} ?open=${this.open === "settings"} @close=${this.#closed}></e-settings>
    `;
  }

  #figures() {
    const { now, stats } = this;
    const live = now?.state === "live";
    const words: Record<string, string> = {
      live: "Live",
      away: `Away ${ago(now?.since)}`,
      connecting: "Connecting",
      reconnecting: "Reconnecting",
      denied: "Not let in",
      refused: "Not now",
      unknown: "Not there",
      ended: "Ended",
      paused: "Paused",
    };
    const state = now?.state === "reconnecting" || now?.state === "unknown" || now?.state === "ended" ? "lost" : now?.state;
    return html`<div class="figures">
      <span class="state" data-state=${state ?? "connecting"}>${words[now?.state ?? "connecting"] ?? "Connecting"}</span>
      ${live && stats?.age_ms !== null && stats ? html`<span title="Age of the picture when it is shown">${age(stats.age_ms)}</span>` : nothing}
      ${live && stats ? html`<span class="wide">${fps(stats.fps)}</span>` : nothing}
      ${live && stats?.width ? html`<span class="wide">${stats.width} × ${stats.height}</span>` : nothing}
      ${this.info ? html`<span class="wide">${plural(this.info.viewer_count, "viewer")}</span>` : nothing}
    </div>`;
  }

  #notice() {
    const status = this.failure?.status;
    if (status === 401) {
      return html`<p class="notice" role="status">
        ${icon("key")} You are no longer let in. Open the link again that the server printed at its start.
      </p>`;
    }
    return nothing;
  }

  #measured(stats: PlayerStats): void {
    this.stats = stats;
    this.#history.add(Date.now() / 1000, stats);
  }

  #setWish(wish: Wish): void {
    this.wish = wish;
    history.replaceState(null, "", queryOf(wish) || location.pathname);
  }

  readonly #closed = () => {
    this.open = null;
  };

  async #do(tool: Tool): Promise<void> {
    try {
      switch (tool) {
        case "snapshot":
          return save(await this.player.snapshot());
        case "full":
          return await this.player.toggleFullScreen();
        case "pip":
          return await this.player.togglePictureInPicture();
        case "panel":
          this.details = !this.details;
          return remember(this.details);
        case "share":
        case "settings":
          this.open = tool;
      }
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), "failure");
    }
  }

  readonly #key = (event: KeyboardEvent) => {
    const at = event.composedPath()[0];
    const typing = at instanceof HTMLInputElement || at instanceof HTMLSelectElement || at instanceof HTMLTextAreaElement;
    if (typing || this.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const tools: Record<string, Tool> = { f: "full", s: "snapshot", d: "panel" };
    const tool = tools[event.key];
    if (tool) void this.#do(tool);
    if (event.key === "Escape" && this.details && !document.fullscreenElement) void this.#do("panel");
  };
}

function save(picture: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(picture);
  link.download = "snapshot.jpg";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function recall(): boolean {
  try {
    return localStorage.getItem(DRAWER_KEPT) === "open";
  } catch {
    return false;
  }
}

function remember(open: boolean): void {
  try {
    localStorage.setItem(DRAWER_KEPT, open ? "open" : "closed");
  } catch {
    // A browser that keeps nothing.
  }
}
