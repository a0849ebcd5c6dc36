// One stream: its picture, what this viewer wishes, and what is known of it.

import { LitElement, html, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import "eyeline-player";
import type { EyelinePlayer } from "../player/element.js";
import type { PlayerError, PlayerStats, StateChange, VolumeChange } from "../player/events.js";
import { savePicture } from "../player/save.js";
import { ApiError } from "../client/rest.js";
import { asApiError, repeat } from "../client/streams.js";
import type { StreamInfo, Wish } from "../client/types.js";
import { age, ago, fps, plural, title } from "../parts/format.js";
import { icon, mark } from "../parts/icons.js";
import { api, base, events } from "../parts/server.js";
import { controls } from "../parts/styles.js";
import { say } from "../parts/toast.js";
import { Camera } from "./stream/camera.js";
import "./stream/camera-panel.js";
import "./stream/drawer.js";
import { History } from "./stream/history.js";
import { Log, type Line } from "./stream/log.js";
import { pageStyles } from "./stream/page-style.js";
import "./stream/settings.js";
import "./stream/share.js";
import "./stream/tools.js";
import type { Tool, Tools } from "./stream/tools.js";
import { soundWords } from "./stream/sound.js";
import { queryOf, wishOf } from "./stream/wish.js";

const ASK_EVERY_MS = 2000;
const SIDE_KEPT = "eyeline.details";

/** What stands beside the picture. */
type Side = "details" | "camera";

@customElement("eyeline-stream")
export class StreamPage extends LitElement {
  readonly #id = decodeURIComponent(location.pathname.split("/").pop() ?? "");
  readonly #history = new History();
  readonly #log = new Log(this.#id);
  readonly #camera = new Camera(api, this.#id);
  @state() private info: StreamInfo | null = null;
  @state() private failure: ApiError | null = null;
  @state() private wish: Wish = wishOf(location.search);
  @state() private transport = "auto";
  @state() private stats: PlayerStats | null = null;
  @state() private volume: VolumeChange = { muted: true, sound: false };
  @state() private now: StateChange | null = null;
  @state() private lines: Line[] = [];
  @state() private side: Side | null = recall();
  @state() private open: "share" | "settings" | null = null;
  @query("eyeline-player") private player!: EyelinePlayer;
  @query("e-tools") private tools!: Tools;
  #stop: (() => void)[] = [];

  static override styles = [controls, pageStyles];

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
    const changed = () => this.requestUpdate();
    this.#camera.addEventListener("change", changed);
    this.#stop = [
      loop.stop,
      silence,
      () => document.removeEventListener("keydown", this.#key),
      () => this.#camera.removeEventListener("change", changed),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stop) stop();
  }

  /** Another camera has other controls, and one that was away may be told of now. */
  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("info") || !this.info) return;
    const before = changed.get("info") as StreamInfo | null | undefined;
    const { source, state } = this.info;
    const came = state === "live" && before?.state !== "live";
    if (!before || before.source !== source || came) void this.#camera.refresh();
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
    const side = this.#side;
    return html`
      <header>
        <a class="button plain icon home" href=${base.href} title="All streams" aria-label="All streams">${mark()}</a>
        <h1>${this.info ? title(this.info) : this.#id}</h1>
        ${this.#figures()}
      </header>
      <main class=${side === "camera" ? "beside" : ""}>
        ${this.#notice()}
        <eyeline-player
          src=${new URL(`streams/${encodeURIComponent(this.#id)}`, base).href}
          quality=${wish.quality ?? nothing}
          fps=${wish.fps ?? nothing}
          jpeg-quality=${wish.jpeg_quality ?? nothing}
          transport=${this.transport}
          @stats=${(event: CustomEvent<PlayerStats>) => this.#measured(event.detail)}
          @statechange=${(event: CustomEvent<StateChange>) => (this.now = event.detail)}
          @error=${(event: CustomEvent<PlayerError>) => this.#failed(event.detail)}
          @volumechange=${(event: CustomEvent<VolumeChange>) => (this.volume = event.detail)}
          @dblclick=${() => this.#do("full")}
        ></eyeline-player>
      </main>
      <e-tools
        .wish=${wish}
        transport=${this.transport}
        .transports=${this.player?.transports ?? []}
        .used=${this.stats?.transport ?? null}
        ?pip=${this.player?.pictureInPictureAvailable ?? false}
        ?full=${document.fullscreenEnabled}
        .sound=${this.volume.sound ? this.volume : null}
        ?camera=${this.#camera.present}
        side=${side ?? nothing}
        @wish=${(event: CustomEvent<Wish>) => this.#setWish(event.detail)}
        @transport=${(event: CustomEvent<string>) => (this.transport = event.detail)}
        @tool=${(event: CustomEvent<Tool>) => this.#do(event.detail)}
      ></e-tools>
      ${
        side === "details"
          ? html`<e-drawer
              stream=${this.#id}
              viewers=${this.info?.viewer_count ?? 0}
              .history=${this.#history}
              .stats=${this.stats}
              sound=${soundWords(this.info?.audio, this.stats?.transport, this.volume.sound) || nothing}
              .lines=${this.lines}
              @close=${() => this.#do("details")}
            ></e-drawer>`
          : nothing
      }
      ${side === "camera" ? html`<e-camera .camera=${this.#camera} @close=${() => this.#do("camera")}></e-camera>` : nothing}
      <e-share stream=${this.#id} name=${this.info ? title(this.info) : this.#id} query=${queryOf(wish)} ?open=${this.open === "share"} @close=${this.#closed}></e-share>
      <e-settings .info=${this.info} ?open=${this.open === "settings"} @close=${this.#closed}></e-settings>
    `;
  }

  /** What is to be seen beside the picture: the camera's controls only where there are any. */
  get #side(): Side | null {
    return this.side === "camera" && !this.#camera.present ? null : this.side;
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
    if (stats.width && stats.height) this.style.setProperty("--aspect", String(stats.width / stats.height));
    this.#history.add(Date.now() / 1000, stats);
  }

  /** What was chosen does not work here: said, and what does is taken. */
  #failed({ code, message }: PlayerError): void {
    if (code !== "not_playable" || this.transport === "auto") return;
    say(message, "failure");
    this.transport = "auto";
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
        case "sound":
          this.player.muted = !this.player.muted;
          return;
        case "snapshot":
          return savePicture(await this.player.snapshot());
        case "full":
          return await this.player.toggleFullScreen();
        case "pip":
          return await this.player.togglePictureInPicture();
        case "details":
        case "camera":
          return this.#toggle(tool);
        case "share":
        case "settings":
          this.open = tool;
      }
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), "failure");
    }
  }

  #toggle(side: Side): void {
    if (side === "camera" && !this.#camera.present) return;
    const before = this.#side;
    // Who was in the panel goes on where it is opened.
    const inside = this.shadowRoot?.activeElement?.matches("e-camera, e-drawer");
    if (before && inside) this.tools.focusOn(before);
    this.side = before === side ? null : side;
    // On a phone the sheet leaves the top of the page.
    if (this.side) scrollTo({ top: 0 });
    remember(this.side);
  }

  readonly #key = (event: KeyboardEvent) => {
    const at = event.composedPath()[0];
    const typing = at instanceof HTMLInputElement || at instanceof HTMLSelectElement || at instanceof HTMLTextAreaElement;
    if (typing || this.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const tools: Record<string, Tool> = { c: "camera", d: "details", f: "full", m: "sound", s: "snapshot" };
    const tool = tools[event.key];
    if (tool) void this.#do(tool);
    const side = this.#side;
    if (event.key === "Escape" && side && !document.fullscreenElement) void this.#do(side);
  };
}

function recall(): Side | null {
  try {
    const kept = localStorage.getItem(SIDE_KEPT);
    if (kept === "camera") return "camera";
    return kept === "open" ? "details" : null;
  } catch {
    return null;
  }
}

function remember(side: Side | null): void {
  try {
    localStorage.setItem(SIDE_KEPT, side === "details" ? "open" : (side ?? "closed"));
  } catch {
    // A browser that keeps nothing.
  }
}
