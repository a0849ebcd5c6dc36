// `<e-graphs>`: what one viewer sees, as figures and as graphs of the last two minutes. The graphs'
// library is loaded when this is shown first.

import { LitElement, css, html, unsafeCSS } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type uPlot from "uplot";
import uplotStyle from "uplot/dist/uPlot.min.css?inline";
import type { PlayerStats } from "../../player/events.js";
import { age, fps, plural, rate, reasonWords } from "../../parts/format.js";
import { controls } from "../../parts/styles.js";
import { transportWords } from "./agent.js";
import { SECONDS, type Columns, type History } from "./history.js";

interface Graph {
  column: Exclude<keyof Columns, "time">;
  label: string;
  now: (stats: PlayerStats) => string;
  unit: string;
  /** The scale reaches at least to here. */
  atLeast: number;
}

const GRAPHS: Graph[] = [
  { column: "age_ms", label: "Age at display", now: (s) => age(s.age_ms), unit: "ms", atLeast: 50 },
  { column: "fps", label: "Rate", now: (s) => fps(s.fps), unit: "fps", atLeast: 5 },
  { column: "bitrate_mbps", label: "Bitrate", now: (s) => `${(s.bitrate_bps / 1e6).toFixed(1)} Mbit/s`, unit: "Mbit/s", atLeast: 1 },
  { column: "skipped", label: "Skipped a second", now: (s) => `${s.skipped + s.dropped} in all`, unit: "", atLeast: 2 },
];
const HEIGHT = 88;
/** The width of the figures beside a graph; .times below stands in line with it. */
const AXIS = 40;

@customElement("e-graphs")
export class Graphs extends LitElement {
  @property({ attribute: false }) history: History | null = null;
  @property({ attribute: false }) stats: PlayerStats | null = null;
  /** What is known of the stream's sound, in words. */
  @property() sound = "";
  @query(".graphs") private place!: HTMLElement;
  #library: typeof uPlot | null = null;
  #plots: uPlot[] = [];
  #width = 0;
  readonly #resize = new ResizeObserver(() => this.#fit());
  readonly #scheme = matchMedia("(prefers-color-scheme: light)");

  static override styles = [
    controls,
    unsafeCSS(uplotStyle),
    css`
      :host {
        display: block;
      }
      .graph {
        margin-bottom: var(--space-4);
      }
      .head {
        display: flex;
        justify-content: space-between;
        font-size: var(--text-small);
      }
      .head span {
        color: var(--quiet);
      }
      .plot {
        min-height: 88px;
      }
      .times {
        display: flex;
        justify-content: space-between;
        margin: calc(-1 * var(--space-4)) 0 var(--space-4) 40px;
        font-size: 12px;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--space-1) var(--space-4);
        margin: 0;
        padding-top: var(--space-3);
        border-top: 1px solid var(--line);
        font-size: var(--text-small);
      }
      dt {
        color: var(--quiet);
      }
      dd {
        margin: 0;
        text-align: end;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#scheme.addEventListener("change", this.#redraw);
    void this.#load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#scheme.removeEventListener("change", this.#redraw);
    this.#resize.disconnect();
    this.#clear();
  }

  override render() {
    const { stats } = this;
    return html`
      <div class="graphs">
        ${GRAPHS.map(
          (graph) => html`<div class="graph">
            <div class="head">
              <span>${graph.label}</span><strong>${stats ? graph.now(stats) : ""}</strong>
            </div>
            <div class="plot" role="img" aria-label="${graph.label}, last two minutes"></div>
          </div>`,
        )}
        <div class="times quiet" aria-hidden="true"><span>2 min ago</span><span>1 min ago</span><span>now</span></div>
      </div>
      ${stats ? this.#figures(stats) : ""}
    `;
  }

  protected override updated(): void {
    this.#draw();
  }

  #figures(stats: PlayerStats) {
    const size = stats.width && stats.height ? `${stats.width} × ${stats.height}` : "–";
    const figures: [string, string][] = [
      ["Picture", `${size}${stats.quality ? `, ${stats.quality}` : ""}`],
      ["Transport", transportWords(stats.transport) || "–"],
      ["Data", rate(stats.bitrate_bps)],
      ["Not sent to this viewer", plural(stats.skipped, "picture")],
      ["Came, but not shown", plural(stats.dropped, "picture")],
    ];
    if (this.sound) figures.splice(1, 0, ["Sound", this.sound]);
    if (stats.reason) figures.push(["Less than asked for", reasonWords(stats.reason)]);
    return html`<dl>${figures.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
  }

  async #load(): Promise<void> {
    this.#library = (await import("uplot")).default;
    await this.updateComplete;
    if (!this.isConnected) return;
    this.#resize.observe(this.place);
    this.#fit();
  }

  readonly #redraw = () => {
    this.#clear();
    this.#fit();
  };

  #clear(): void {
    for (const plot of this.#plots) plot.destroy();
    this.#plots = [];
  }

  #fit(): void {
    const width = this.place.clientWidth;
    if (!this.#library || width === 0) return;
    if (this.#plots.length === 0) this.#create(this.#library, width);
    else if (width !== this.#width) {
      for (const plot of this.#plots) plot.setSize({ width, height: HEIGHT });
    }
    this.#width = width;
  }

  #create(Plot: typeof uPlot, width: number): void {
    const style = getComputedStyle(this);
    const token = (name: string) => style.getPropertyValue(name).trim();
    const [line, quiet, grid] = [token("--text"), token("--quiet"), token("--line")];
    const font = `11px ${token("--font")}`;
    const places = [...this.renderRoot.querySelectorAll<HTMLElement>(".plot")];
    this.#plots = GRAPHS.map((graph, at) => {
      const axis = { stroke: quiet, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
      return new Plot(
        {
          width,
          height: HEIGHT,
          legend: { show: false },
          cursor: { show: false },
          padding: [6, 0, 6, 0],
          scales: {
            x: { time: false, range: () => [-SECONDS, 0] },
            y: { range: (_plot, _least, most) => [0, Math.max(most ?? 0, graph.atLeast) * 1.1] },
          },
          axes: [
            { ...axis, size: 1, splits: () => [-SECONDS, -SECONDS / 2, 0], values: () => ["", "", ""] },
            { ...axis, size: AXIS, gap: 4, space: 26 },
          ],
          series: [{}, { stroke: line, width: 1.5, points: { show: false }, spanGaps: false }],
        },
        this.#data(graph),
        places[at] as HTMLElement,
      );
    });
  }

  #draw(): void {
    this.#plots.forEach((plot, at) => {
      const graph = GRAPHS[at];
      if (graph) plot.setData(this.#data(graph));
    });
  }

  #data(graph: Graph): uPlot.AlignedData {
    const columns = this.history?.columns;
    if (!columns) return [[], []];
    const last = columns.time.at(-1) ?? 0;
    return [columns.time.map((time) => time - last), columns[graph.column]];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "e-graphs": Graphs;
  }
}
