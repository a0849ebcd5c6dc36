// `<e-viewers stream="front">`: who watches, how, how fast; each can be closed.

import { LitElement, css, html } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { asApiError, repeat } from "../../client/streams.js";
import type { Viewer } from "../../client/types.js";
import { age, ago, fps, rate, reasonWords } from "../../parts/format.js";
import { icon } from "../../parts/icons.js";
import { api } from "../../parts/server.js";
import { controls } from "../../parts/styles.js";
import { say } from "../../parts/toast.js";
import { agentWords, transportWords } from "./agent.js";

const ASK_EVERY_MS = 2000;

@customElement("e-viewers")
export class Viewers extends LitElement {
  @property() stream = "";
  @state() private viewers: Viewer[] | null = null;
  @state() private failure = "";
  #loop: { stop(): void; now(): void } | null = null;

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      .who small {
        display: block;
        color: var(--quiet);
        font-size: inherit;
      }
      td {
        vertical-align: top;
      }
      td.close {
        padding-block: 0;
        text-align: end;
      }
      .slow {
        color: var(--warning);
      }
      @container (max-width: 719px) {
        thead {
          position: absolute;
          clip-path: inset(50%);
        }
        tr {
          display: grid;
          grid-template-columns: repeat(3, 1fr);
          gap: var(--space-1) var(--space-3);
          padding: var(--space-3) 0;
          border-bottom: 1px solid var(--line);
        }
        td {
          padding: 0;
          border: 0;
          min-width: 0;
          white-space: normal;
        }
        td.number {
          text-align: start;
        }
        td.who {
          grid-column: 1 / 3;
          overflow-wrap: anywhere;
        }
        td.close {
          grid-column: 3;
          grid-row: 1;
        }
        td[data-label]::before {
          content: attr(data-label);
          display: block;
          color: var(--quiet);
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#loop = repeat(ASK_EVERY_MS, () => this.#ask());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#loop?.stop();
  }

  async #ask(): Promise<void> {
    try {
      this.viewers = (await api.viewers(this.stream)).viewers;
      this.failure = "";
    } catch (error) {
      this.failure = asApiError(error).message;
    }
  }

  override render() {
    if (this.failure) return html`<p class="quiet">${this.failure}</p>`;
    if (!this.viewers) return html`<p class="quiet">Asking who watches…</p>`;
    if (this.viewers.length === 0) {
      return html`<p class="quiet">Nobody watches now. Share the link, and whoever opens it shows here.</p>`;
    }
    return html`<table>
      <thead>
        <tr>
          <th>Who</th>
          <th>Transport</th>
          <th class="number">Rate</th>
          <th class="number">Data</th>
          <th class="number">Pictures</th>
          <th class="number">Skipped</th>
          <th class="number">Age</th>
          <th><span class="quiet">Close</span></th>
        </tr>
      </thead>
      <tbody>
        ${this.viewers.map((viewer) => this.#row(viewer))}
      </tbody>
    </table>`;
  }

  #row(viewer: Viewer) {
    const since = viewer.since ? `for ${ago(viewer.since)}` : "";
    const who = [agentWords(viewer.agent), since].filter(Boolean).join(", ");
    const how = [transportWords(viewer.transport), viewer.quality].filter(Boolean).join(", ");
    return html`<tr data-id=${viewer.id}>
      <td class="who" title=${viewer.agent ?? ""}>${viewer.remote}<small>${who}</small></td>
      <td data-label="Transport">
        ${how}${viewer.reason ? html`<div class="slow" title=${reasonWords(viewer.reason)}>slow link</div>` : ""}
      </td>
      <td class="number" data-label="Rate">${fps(viewer.displayed_fps ?? viewer.fps)}</td>
      <td class="number" data-label="Data">${rate(viewer.rate_bps)}</td>
      <td class="number" data-label="Pictures">${viewer.frames.toLocaleString("en")}</td>
      <td class="number" data-label="Skipped">${viewer.skipped.toLocaleString("en")}</td>
      <td class="number" data-label="Age">${age(viewer.age_ms)}</td>
      <td class="close">
        <button
          type="button"
          class="plain icon"
          title="Close this viewer"
          aria-label="Close the viewer at ${viewer.remote}"
          @click=${() => this.#close(viewer)}
        >
          ${icon("close")}
        </button>
      </td>
    </tr>`;
  }

  async #close(viewer: Viewer): Promise<void> {
    try {
      await api.closeViewer(this.stream, viewer.id);
      say(`Closed the viewer at ${viewer.remote}.`);
    } catch (error) {
      say(asApiError(error).message, "failure");
    }
    this.#loop?.now();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "e-viewers": Viewers;
  }
}
