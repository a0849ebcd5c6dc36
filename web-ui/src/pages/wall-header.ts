// The row above the tiles: how many there are, the filter, the layout, a new stream. Has no state.

import { html, nothing, type TemplateResult } from "lit";
import { icon, mark } from "../parts/icons.js";
import "../parts/menu.js";
import type { Columns } from "./wall-layout.js";
import type { Choices } from "./wall-order.js";

const LAYOUTS: [Columns, string][] = [
  ["auto", "Fit the screen"],
  [1, "1 column"],
  [2, "2 columns"],
  [3, "3 columns"],
  [4, "4 columns"],
];

export interface Header {
  count: string;
  /** A phone: shorter words. */
  narrow: boolean;
  /** Null where there is nothing to be filtered. */
  filter: string | null;
  choices: Choices;
  choose(change: Partial<Choices>): void;
  filtered(text: string): void;
  start(): void;
}

export function header(of: Header): TemplateResult {
  return html`<header>
    <span class="brand">${mark()}Eyeline</span>
    <span class="count quiet small">${of.count}</span>
    <label class="filter" ?hidden=${of.filter === null}>
      ${icon("search")}
      <input
        type="search"
        placeholder="Filter"
        aria-label="Filter streams"
        aria-keyshortcuts="/"
        title="Filter ( / )"
        .value=${of.filter ?? ""}
        @input=${(event: Event) => of.filtered((event.target as HTMLInputElement).value)}
      />
    </label>
    ${menu(of)}
    <a class="button plain icon" href="api/docs" title="The API" aria-label="The API">${icon("book")}</a>
    <button type="button" class="primary" aria-label="Start stream" @click=${of.start}>
      ${icon("add")}${of.narrow ? "Start" : "Start stream"}
    </button>
  </header>`;
}

function menu({ choices, choose, narrow }: Header): TemplateResult {
  const more = (shown: boolean, label: string, change: Partial<Choices>) =>
    shown ? html`<button type="button" @click=${() => choose(change)}>${tick(false)}${label}</button>` : nothing;
  return html`<e-menu label="Layout" icon="layout" ?labelled=${!narrow}>
    ${LAYOUTS.map(
      ([columns, label]) => html`<button type="button" aria-checked=${choices.columns === columns} @click=${() => choose({ columns })}>
        ${tick(choices.columns === columns)}${label}
      </button>`,
    )}
    <button type="button" class="apart" aria-checked=${choices.named} @click=${() => choose({ named: !choices.named })}>
      ${tick(choices.named)}Names on the tiles
    </button>
    ${more(choices.big !== null, "No big picture", { big: null })}
    ${more(choices.order.length > 0, "Forget the order", { order: [] })}
    ${more(choices.helped, "Show first steps", { helped: false })}
  </e-menu>`;
}

/** Keeps its place in the line also where there is none. */
function tick(on: boolean): TemplateResult {
  return html`<span class=${on ? "tick" : "tick none"}>${icon("check")}</span>`;
}
