// The wall: every stream, live, over one WebSocket. What is where stands in wall-layout.ts, what the
// visitor chose in wall-order.ts, a tile's own matters in wall-tile.ts.

import { LitElement, html, nothing, type PropertyValues } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { watchStreams, type Known } from "../client/streams.js";
import type { StreamInfo } from "../client/types.js";
import { plural } from "../parts/format.js";
import { api, base, events } from "../parts/server.js";
import type { StartDialog, Tab } from "../parts/start-dialog.js";
import "../parts/start-dialog.js";
import { styled } from "../parts/styled.js";
import { controls } from "../parts/styles.js";
import "../publish/panel.js";
import { publishers } from "../publish/publisher.js";
import { Drag } from "./wall-drag.js";
import "./wall-first.js";
import { header } from "./wall-header.js";
import { keyOf } from "./wall-keys.js";
import { aspectOf, inside, layOut, neighbour, whole, type Rect } from "./wall-layout.js";
import { arrange, load, matches, move, remember, save, type Choices } from "./wall-order.js";
import { stopStream } from "./wall-stop.js";
import { wallStyles } from "./wall-style.js";
import type { Act, Tile } from "./wall-tile.js";
import "./wall-tile.js";
import { nothingFound, nothingYet, oldNotice } from "./wall-words.js";

const GAP = 8;
/** Below this the header says less. */
const NARROW_PX = 600;
const DOUBLE_CLICK_MS = 250;
const WIDE = 16 / 9;
const KEPT_AT = `eyeline-wall ${base.pathname}`;

const storage = (() => {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
})();

@customElement("eyeline-wall")
export class Page extends LitElement {
  @state() private known: Known = { streams: [], asked: false, error: null };
  @state() private choices: Choices = load(storage, KEPT_AT);
  @state() private filter = "";
  @state() private current: string | null = null;
  @state() private touched: string | null = null;
  @state() private dragged: { id: string; dx: number; dy: number; before: string[] } | null = null;
  @state() private space = { width: 0, height: 0, gap: GAP };
  @state() private publishing = 0;
  @query(".stage") private stage!: HTMLElement | null;
  @query("e-start-dialog") private dialog!: StartDialog;
  @query("input") private filterBox!: HTMLInputElement;

  /** In the order in which they came: elements never move in the document, or players would begin anew. */
  #cameInOrder: string[] = [];
  readonly #aspects = new Map<string, number>();
  #rects = new Map<string, Rect>();
  #shown: string[] = [];
  #expected: string | null = null;
  #clickTimer = 0;
  #pointer = "mouse";
  #unwatch = () => {};
  readonly #resized = new ResizeObserver(() => this.#measure());
  readonly #drag = new Drag(() => this.stage, {
    begin: (id) => (this.dragged = { id, dx: 0, dy: 0, before: this.#shown }),
    over: (id, x, y, dx, dy) => this.#draggedOver(id, x, y, dx, dy),
    end: (_, done) => this.#dropped(done),
  });

  static override styles = [controls, wallStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unwatch = watchStreams(api, events, (known) => (this.known = known));
    document.addEventListener("keydown", this.#key);
    document.addEventListener("pointerdown", this.#elsewhere);
    window.addEventListener("resize", this.#measure);
    publishers.addEventListener("change", this.#published);
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    this.#unwatch();
    document.removeEventListener("keydown", this.#key);
    document.removeEventListener("pointerdown", this.#elsewhere);
    window.removeEventListener("resize", this.#measure);
    publishers.removeEventListener("change", this.#published);
    this.#resized.disconnect();
    super.disconnectedCallback();
  }

  // What is shown.

  protected override willUpdate(): void {
    const { streams } = this.known;
    const ids = streams.map((one) => one.stream_id);
    const there = new Set(ids);
    this.#cameInOrder = this.#cameInOrder.filter((id) => there.has(id));
    for (const id of ids) if (!this.#cameInOrder.includes(id)) this.#cameInOrder.push(id);
    for (const info of streams) this.#aspects.set(info.stream_id, aspectOf(info) ?? this.#aspects.get(info.stream_id) ?? WIDE);

    const found = new Set(streams.filter((one) => matches(this.filter, one)).map((one) => one.stream_id));
    this.#shown = arrange(ids, this.choices.order).filter((id) => found.has(id));
    const big = this.choices.big === null ? -1 : this.#shown.indexOf(this.choices.big);
    const aspects = this.#shown.map((id) => this.#aspects.get(id) ?? WIDE);
    const rects = layOut(aspects, this.space, this.choices.columns, big < 0 ? null : big);
    this.#rects = new Map(this.#shown.map((id, index) => [id, whole(rects[index] ?? { x: 0, y: 0, width: 0, height: 0 })]));
    if (!this.current || !this.#shown.includes(this.current)) this.current = this.#shown[0] ?? null;
  }

  override render() {
    const { streams, asked } = this.known;
    const pattern = streams.length === 1 && streams[0]?.source.startsWith("test:") && streams[0].origin !== "api";
    const first = asked && (streams.length === 0 || (pattern && !this.choices.helped));
    return html`${this.#header()} ${oldNotice(this.known)}
      <main>
        ${!asked && streams.length === 0 ? nothingYet(this.known.error) : nothing}
        ${asked && streams.length > 0 && this.#shown.length === 0 ? nothingFound(this.filter, streams.length, () => (this.filter = "")) : nothing}
        ${streams.length > 0 ? this.#stageOf(streams) : nothing}
        ${first
          ? html`<e-first-steps ?pattern=${pattern} @start=${(event: CustomEvent<Tab>) => this.#start(event.detail)} @hide=${() => this.#choose({ helped: true })}></e-first-steps>`
          : nothing}
      </main>
      <e-publishing></e-publishing>
      <e-start-dialog .streams=${streams} @started=${this.#started}></e-start-dialog>`;
  }

  #header() {
    const { streams, asked } = this.known;
    return header({
      count: asked ? plural(streams.length, "stream") : "",
      narrow: this.space.width < NARROW_PX,
      filter: streams.length < 2 && !this.filter ? null : this.filter,
      choices: this.choices,
      choose: (change) => this.#choose(change),
      filtered: (text) => (this.filter = text),
      start: () => this.#start("machine"),
    });
  }

  #stageOf(streams: StreamInfo[]) {
    const infos = new Map(streams.map((one) => [one.stream_id, one]));
    const height = Math.max(0, ...[...this.#rects.values()].map((rect) => rect.y + rect.height));
    return html`<div class="stage" role="group" aria-label="Streams" ${styled({ height: `${height}px` })}>
      ${repeat(
        this.#cameInOrder.filter((id) => infos.has(id)),
        (id) => id,
        (id) => this.#tile(infos.get(id) as StreamInfo),
      )}
    </div>`;
  }

  #tile(info: StreamInfo) {
    const id = info.stream_id;
    const rect = this.#rects.get(id);
    const dragged = this.dragged?.id === id ? this.dragged : null;
    const at = rect ?? { x: 0, y: 0, width: 0, height: 0 };
    return html`<e-tile
      data-id=${id}
      ${styled({
        width: `${at.width}px`,
        height: `${at.height}px`,
        transform: `translate(${at.x + (dragged?.dx ?? 0)}px, ${at.y + (dragged?.dy ?? 0)}px)`,
      })}
      ?hidden=${!rect}
      ?dragged=${dragged !== null}
      .info=${info}
      .place=${this.#shown.indexOf(id) + 1}
      .height=${at.height}
      .big=${this.choices.big === id && this.#shown.length > 1}
      .named=${this.choices.named}
      .current=${this.current === id}
      .touched=${this.touched === id}
      .elsewhere=${this.publishing > 0}
      @aspect=${(event: CustomEvent<number>) => this.#shaped(id, event.detail)}
      @act=${(event: CustomEvent<Act>) => this.#act(id, event.detail)}
      @focusin=${() => (this.current = id)}
      @pointerdown=${(event: PointerEvent) => this.#down(event, id)}
      @click=${(event: MouseEvent) => this.#click(event, id)}
      @dblclick=${(event: MouseEvent) => this.#doubleClick(event, id)}
    ></e-tile>`;
  }

  protected override firstUpdated(): void {
    this.#measure();
  }

  protected override updated(changed: PropertyValues): void {
    // Things above the stage come and go.
    if (changed.has("known") || changed.has("publishing")) this.#measure();
    const expected = this.#expected;
    if (!expected || !this.#rects.has(expected)) return;
    this.#expected = null;
    this.#focus(expected);
  }

  readonly #measure = () => {
    const main = this.renderRoot?.querySelector("main");
    if (!main) return;
    const style = getComputedStyle(main);
    const top = main.getBoundingClientRect().top + window.scrollY + parseFloat(style.paddingTop);
    const width = main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    // The first steps are to be seen without scrolling, but not instead of the picture.
    const steps = this.renderRoot.querySelector<HTMLElement>("e-first-steps")?.offsetHeight ?? 0;
    const help = steps > 0 ? Math.min(steps + 4 * GAP, window.innerHeight * 0.5) : 0;
    const panel = this.renderRoot.querySelector<HTMLElement>("e-publishing")?.offsetHeight ?? 0;
    const below = Math.max(help, panel > 0 ? panel + 2 * GAP : 0);
    const height = Math.max(240, window.innerHeight - top - parseFloat(style.paddingBottom) - below);
    const same = Math.abs(width - this.space.width) < 1 && Math.abs(height - this.space.height) < 1;
    if (!same) this.space = { width, height, gap: GAP };
  };

  #shaped(id: string, aspect: number): void {
    if (Math.abs((this.#aspects.get(id) ?? 0) - aspect) < 0.01) return;
    const info = this.known.streams.find((one) => one.stream_id === id);
    if (info && aspectOf(info)) return;
    this.#aspects.set(id, aspect);
    this.requestUpdate();
  }

  // What the visitor does.

  #choose(change: Partial<Choices>): void {
    this.choices = { ...this.choices, ...change };
    save(storage, KEPT_AT, this.choices);
  }

  #reorder(shown: string[]): void {
    this.#choose({ order: remember(this.choices.order, shown) });
  }

  #move(id: string, by: number): void {
    this.#reorder(move(this.#shown, id, this.#shown.indexOf(id) + by));
  }

  #draggedOver(id: string, x: number, y: number, dx: number, dy: number): void {
    const { dragged } = this;
    if (!dragged) return;
    const start = this.#startOf(dragged.before, id);
    const target = this.#shown.find((other) => other !== id && inside(this.#rects.get(other), x, y));
    if (target) {
      const order = move(this.#shown, id, this.#shown.indexOf(target));
      this.choices = { ...this.choices, order: remember(this.choices.order, order) };
      this.willUpdate();
    }
    // The tile stays under the pointer, wherever its own place is now.
    const now = this.#rects.get(id) ?? start;
    this.dragged = { ...dragged, dx: start.x + dx - now.x, dy: start.y + dy - now.y };
  }

  /** Where the tile stood when it was taken. */
  #startOf(before: string[], id: string): Rect {
    const big = this.choices.big === null ? -1 : before.indexOf(this.choices.big);
    const aspects = before.map((one) => this.#aspects.get(one) ?? WIDE);
    const rects = layOut(aspects, this.space, this.choices.columns, big < 0 ? null : big);
    return whole(rects[before.indexOf(id)] ?? { x: 0, y: 0, width: 0, height: 0 });
  }

  #dropped(done: boolean): void {
    const before = this.dragged?.before ?? this.#shown;
    this.dragged = null;
    this.#reorder(done ? this.#shown : before);
  }

  #down(event: PointerEvent, id: string): void {
    this.#pointer = event.pointerType;
    this.#drag.down(event, id);
  }

  #click(event: MouseEvent, id: string): void {
    if (this.#drag.tookClick()) return event.preventDefault();
    const onLink = event.composedPath()[0] instanceof HTMLAnchorElement;
    if (!onLink || event.ctrlKey || event.metaKey || event.shiftKey || event.detail === 0) return;
    event.preventDefault();
    if (this.#pointer === "touch") {
      // The first tap tells what this is, the second opens it.
      if (this.touched === id) this.#open(id);
      else this.touched = id;
      return;
    }
    clearTimeout(this.#clickTimer);
    this.#clickTimer = window.setTimeout(() => this.#open(id), DOUBLE_CLICK_MS);
  }

  #doubleClick(event: MouseEvent, id: string): void {
    if (!(event.composedPath()[0] instanceof HTMLAnchorElement) || this.#pointer === "touch") return;
    clearTimeout(this.#clickTimer);
    this.#act(id, "big");
  }

  readonly #elsewhere = (event: Event) => {
    if (!event.composedPath().some((one) => one instanceof HTMLElement && one.dataset.id === this.touched)) this.touched = null;
  };

  #open(id: string): void {
    const url = new URL(`streams/${encodeURIComponent(id)}`, base).href;
    // What is published from here ends with this page.
    if (this.publishing > 0) window.open(url, "_blank", "noopener");
    else location.href = url;
  }

  #act(id: string, act: Act): void {
    if (act === "big") this.#choose({ big: this.choices.big === id ? null : id });
    else if (act === "earlier") this.#move(id, -1);
    else if (act === "later") this.#move(id, 1);
    else if (act === "open") this.#open(id);
    else if (act === "full") void this.#tileOf(id)?.fullScreen().catch(() => {});
    else if (act === "stop") void this.#stop(id);
  }

  async #stop(id: string): Promise<void> {
    const info = this.known.streams.find((one) => one.stream_id === id);
    if (!info || !(await stopStream(info))) return;
    this.known = { ...this.known, streams: this.known.streams.filter((one) => one.stream_id !== id) };
  }

  #start(tab: Tab): void {
    this.dialog.show(tab);
  }

  readonly #started = (event: CustomEvent<string>) => {
    this.filter = "";
    this.#expected = event.detail;
  };

  readonly #published = () => {
    this.publishing = publishers.all.size;
  };

  readonly #key = (event: KeyboardEvent) => {
    const key = keyOf(event);
    if (!key) return;
    if (key.do === "leave-filter") {
      this.filter = "";
      this.filterBox.blur();
      return;
    }
    event.preventDefault();
    const id = this.current;
    if (key.do === "filter") return this.filterBox.focus();
    if (key.do === "place") return this.#focus(this.#shown[key.place - 1]);
    if (key.do === "full") return this.#fullScreen();
    if (!id) return;
    if (key.do === "big") return this.#act(id, "big");
    if (key.do === "go") return this.#go(id, key.direction);
    this.#move(id, key.by);
    void this.updateComplete.then(() => this.#focus(id));
  };

  #go(id: string, direction: "left" | "right" | "up" | "down"): void {
    const rects = this.#shown.map((one) => this.#rects.get(one) as Rect);
    const focused = this.shadowRoot?.activeElement?.localName === "e-tile";
    const next = focused ? neighbour(rects, this.#shown.indexOf(id), direction) : this.#shown.indexOf(id);
    if (next !== null) this.#focus(this.#shown[next]);
  }

  #focus(id: string | undefined): void {
    if (!id) return;
    this.current = id;
    void this.updateComplete.then(() => {
      const tile = this.#tileOf(id);
      tile?.focus({ preventScroll: true });
      tile?.scrollIntoView({ block: "nearest" });
    });
  }

  #fullScreen(): void {
    const tile = this.shadowRoot?.activeElement;
    if (tile?.localName === "e-tile") void (tile as Tile).fullScreen().catch(() => {});
    else if (document.fullscreenElement) void document.exitFullscreen();
    else void document.documentElement.requestFullscreen?.().catch(() => {});
  }

  #tileOf(id: string): Tile | null {
    return this.renderRoot.querySelector<Tile>(`e-tile[data-id="${CSS.escape(id)}"]`);
  }
}
