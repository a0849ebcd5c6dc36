// `<e-publishing>`: what this page publishes, with a button to stop it. Nothing while there is nothing.

import { LitElement, css, html, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { fps, plural, rate, sentence } from "../parts/format.js";
import { icon } from "../parts/icons.js";
import { controls } from "../parts/styles.js";
import { publishers, type Publisher } from "./publisher.js";

@customElement("e-publishing")
export class Publishing extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        position: fixed;
        z-index: 20;
        right: var(--space-4);
        bottom: calc(var(--space-4) + env(safe-area-inset-bottom));
        display: flex;
        flex-direction: column;
        width: min(420px, calc(100vw - 32px));
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--surface);
      }
      :host([hidden]) {
        display: none;
      }
      section {
        display: grid;
        grid-template-columns: 1fr auto;
        align-items: center;
        gap: 0 var(--space-3);
        padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
      }
      section + section {
        border-top: 1px solid var(--line);
      }
      .name {
        display: flex;
        gap: var(--space-3);
        min-width: 0;
      }
      b {
        min-width: 0;
        overflow: hidden;
        font-weight: 600;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      div {
        min-width: 0;
      }
      @media (max-width: 600px) {
        :host {
          right: 0;
          bottom: 0;
          width: 100vw;
          border-width: 1px 0 0;
          border-radius: 12px 12px 0 0;
          padding-bottom: env(safe-area-inset-bottom);
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    publishers.addEventListener("change", this.#changed);
    this.#changed();
  }

  override disconnectedCallback(): void {
    publishers.removeEventListener("change", this.#changed);
    super.disconnectedCallback();
  }

  override render() {
    return [...publishers.all].map((one) => this.#line(one));
  }

  #line(one: Publisher) {
    const { id, name } = one.settings;
    const refused = one.report.phase === "refused";
    return html`<section aria-label="Publishing ${name ?? id}">
      <div>
        <p class="name"><b>${name ?? id}</b>${this.#state(one)}</p>
        <p class="small quiet" aria-live=${refused ? "polite" : nothing}>${this.#words(one)}</p>
      </div>
      ${refused
        ? html`<button type="button" @click=${() => publishers.remove(one)}>Close</button>`
        : html`<button type="button" class="danger" @click=${() => one.stop()}>${icon("stop")}Stop</button>`}
    </section>`;
  }

  #state({ report }: Publisher) {
    const [state, words] = {
      connecting: ["starting", "Starting"],
      publishing: report.watched ? ["live", "Publishing"] : ["idle", "Nobody watches"],
      lost: ["away", "Reconnecting"],
      refused: ["away", "Ended"],
      stopped: ["idle", "Stopped"],
    }[report.phase] as [string, string];
    return html`<span class="state" data-state=${state}>${words}</span>`;
  }

  #words({ report }: Publisher): string {
    if (report.phase === "lost") return `${sentence(report.reason ?? "")} It goes on by itself.`;
    if (report.phase === "refused") return sentence(report.reason ?? "The server ended the stream.");
    if (report.phase !== "publishing") return "Waiting for the server…";
    if (!report.watched) return "A picture every 3 s until somebody does";
    return [
      plural(report.viewers, "viewer"),
      fps(report.fps),
      rate(report.bytesPerSecond * 8),
      `${report.width}×${report.height}`,
    ].join(" · ");
  }

  readonly #changed = () => {
    this.hidden = publishers.all.size === 0;
    this.requestUpdate();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "e-publishing": Publishing;
  }
}
