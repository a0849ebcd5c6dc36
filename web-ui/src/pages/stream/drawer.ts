// `<e-drawer>`: stats, viewers and events beside the picture; on a phone a bottom sheet.

import { LitElement, css, html } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PlayerStats } from "../../player/events.js";
import { icon } from "../../parts/icons.js";
import { controls } from "../../parts/styles.js";
import "./graphs.js";
import type { History } from "./history.js";
import type { Line } from "./log.js";
import "./viewers.js";

type Tab = "stats" | "viewers" | "events";
const TABS: [Tab, string][] = [
  ["stats", "Stats"],
  ["viewers", "Viewers"],
  ["events", "Events"],
];

@customElement("e-drawer")
export class Drawer extends LitElement {
  @property() stream = "";
  @property({ type: Number }) viewers = 0;
  @property({ attribute: false }) history: History | null = null;
  @property({ attribute: false }) stats: PlayerStats | null = null;
  /** What is known of the stream's sound, in words. */
  @property() sound = "";
  @property({ attribute: false }) lines: Line[] = [];
  @state() private tab: Tab = "stats";

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        background: var(--surface);
      }
      nav {
        display: flex;
        align-items: stretch;
        padding: 0 var(--space-2);
        border-bottom: 1px solid var(--line);
      }
      nav [role="tab"] {
        min-height: 44px;
        border: 0;
        border-bottom: 2px solid transparent;
        border-radius: 0;
        background: none;
        color: var(--quiet);
      }
      nav [role="tab"][aria-selected="true"] {
        border-color: var(--text);
        color: var(--text);
      }
      nav .close {
        margin: auto 0 auto auto;
      }
      .content {
        flex: 1;
        min-height: 0;
        padding: var(--space-4);
        overflow: auto;
        overscroll-behavior: contain;
      }
      ol {
        margin: 0;
        padding: 0;
        list-style: none;
        font-size: var(--text-small);
      }
      li {
        display: flex;
        gap: var(--space-3);
        padding: var(--space-2) 0;
        border-bottom: 1px solid var(--line);
        overflow-wrap: anywhere;
      }
      time {
        flex: none;
        color: var(--quiet);
      }
      li[data-kind="good"] span {
        color: var(--accent);
      }
      li[data-kind="bad"] span {
        color: var(--failure);
      }
    `,
  ];

  override render() {
    return html`
      <nav role="tablist" aria-label="Details" @keydown=${this.#keys}>
        ${TABS.map(
          ([tab, label]) => html`<button
            type="button"
            role="tab"
            id=${tab}
            aria-controls="panel"
            aria-selected=${tab === this.tab}
            tabindex=${tab === this.tab ? 0 : -1}
            @click=${() => (this.tab = tab)}
          >
            ${label}${tab === "viewers" && this.viewers ? html` <span class="quiet">${this.viewers}</span>` : ""}
          </button>`,
        )}
        <button
          type="button"
          class="plain icon close"
          title="Close (d)"
          aria-label="Close details"
          @click=${() => this.dispatchEvent(new Event("close"))}
        >
          ${icon("close")}
        </button>
      </nav>
      <div class="content" id="panel" role="tabpanel" aria-labelledby=${this.tab} tabindex="0">${this.#content()}</div>
    `;
  }

  #content() {
    switch (this.tab) {
      case "stats":
        return html`<e-graphs .history=${this.history} .stats=${this.stats} sound=${this.sound}></e-graphs>`;
      case "viewers":
        return html`<e-viewers stream=${this.stream}></e-viewers>`;
      case "events":
        return this.lines.length === 0
          ? html`<p class="quiet">Nothing has happened since this page was opened.</p>`
          : html`<ol>
              ${this.lines.map(
                (line) => html`<li data-kind=${line.kind}>
                  <time datetime=${line.at.toISOString()}>${line.at.toLocaleTimeString([], { hour12: false })}</time>
                  <span>${line.text}</span>
                </li>`,
              )}
            </ol>`;
    }
  }

  readonly #keys = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = TABS.findIndex(([tab]) => tab === this.tab);
    this.tab = (TABS[(at + step + TABS.length) % TABS.length] ?? ["stats"])[0] as Tab;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#${this.tab}`)?.focus());
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "e-drawer": Drawer;
  }
}
