// `<e-tools>`: the row below the picture. What this viewer wishes, and what can be done with the
// picture. Events: `wish` (the new wish), `transport`, and `tool` with the name of what was pressed.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Quality, Wish } from "../../client/types.js";
import { icon, type IconName } from "../../parts/icons.js";
import { controls } from "../../parts/styles.js";
import { transportWords } from "./agent.js";

export type Tool = "sound" | "snapshot" | "share" | "full" | "pip" | "settings" | "camera" | "details";

const QUALITIES: [string, string][] = [
  ["", "As the stream"],
  ["source", "Source"],
  ["low", "320p"],
  ["medium", "480p"],
  ["high", "720p"],
];
const RATES: [string, string][] = [
  ["", "As the stream"],
  ["15", "15 fps"],
  ["24", "24 fps"],
  ["30", "30 fps"],
];
const TRANSPORTS: Record<string, string> = {
  mse: "H.264",
  hls: "HLS",
  ws: "JPEG, WebSocket",
  mjpeg: "MJPEG",
};
const JPEG_LEAST = 50;
const JPEG_MOST = 95;
const JPEG_USUAL = 80;

@customElement("e-tools")
export class Tools extends LitElement {
  @property({ attribute: false }) wish: Wish = {};
  @property() transport = "auto";
  /** Those that can be chosen. */
  @property({ attribute: false }) transports: string[] = [];
  /** The transport that is in use. */
  @property() used: string | null = null;
  @property({ type: Boolean }) pip = false;
  @property({ type: Boolean }) full = false;
  /** Whether there is sound, and whether it is heard. */
  @property({ attribute: false }) sound: { muted: boolean } | null = null;
  /** Whether the camera has controls. */
  @property({ type: Boolean }) camera = false;
  /** What stands beside the picture. */
  @property({ reflect: true }) side: string | null = null;
  @state() private dragged: number | null = null;

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-2) var(--space-4);
        border-top: 1px solid var(--line);
        container-type: inline-size;
      }
      .wishes,
      .tools,
      label {
        display: flex;
        align-items: center;
        gap: var(--space-2);
      }
      .wishes {
        flex-wrap: wrap;
        gap: var(--space-2) var(--space-4);
      }
      label {
        color: var(--quiet);
        font-size: var(--text-small);
        white-space: nowrap;
      }
      select {
        font-size: var(--text-body);
      }
      input[type="range"] {
        width: 112px;
      }
      input.open {
        opacity: 0.5;
      }
      output {
        min-width: 52px;
        color: var(--text);
      }
      .tools {
        gap: var(--space-1);
        margin-left: auto;
      }
      .tools button {
        padding: 0 10px;
      }
      .range button {
        min-height: 0;
        height: 24px;
        width: 24px;
      }
      @media (max-width: 1500px) {
        .tools .word {
          display: none;
        }
        .tools button {
          width: var(--control);
          padding: 0;
        }
      }
      @media (min-width: 701px) and (max-width: 1180px) {
        label {
          flex-direction: column;
          align-items: flex-start;
          gap: 2px;
        }
        label.range {
          display: grid;
          grid-template-columns: auto auto auto;
          align-items: center;
          gap: 2px var(--space-2);
        }
        label.range .name {
          grid-column: 1 / -1;
        }
        label.range input {
          min-height: var(--control);
          margin: 0;
        }
      }
      @media (min-width: 701px) and (max-height: 500px) {
        :host([side]) .wishes {
          display: none;
        }
      }
      @media (max-width: 700px) {
        :host {
          flex-direction: column-reverse;
          align-items: stretch;
          gap: var(--space-4);
          padding: var(--space-3) var(--space-4);
          border-top: 0;
        }
        .wishes {
          display: grid;
          grid-template-columns: 1fr 1fr;
          gap: var(--space-3);
        }
        label {
          flex-direction: column;
          align-items: stretch;
          gap: var(--space-1);
        }
        label.range {
          display: grid;
          grid-template-columns: 1fr auto auto;
          align-items: center;
        }
        label.range .name {
          grid-column: 1 / 2;
        }
        label.range input {
          grid-column: 1 / -1;
          grid-row: 2;
          width: 100%;
          min-height: var(--control);
          margin: 0;
        }
        output {
          text-align: end;
        }
        .tools {
          margin: 0;
          justify-content: space-between;
        }
        .tools .word {
          display: inline;
          font-size: 12px;
        }
        .tools button {
          flex: 1;
          flex-direction: column;
          gap: var(--space-1);
          width: auto;
          min-width: 0;
          min-height: 52px;
        }
      }
    `,
  ];

  override render() {
    const used = transportWords(this.used);
    const transports: [string, string][] = [
      ["auto", this.transport === "auto" && used ? `Auto · ${used}` : "Auto"],
      ...this.transports.map((name): [string, string] => [name, TRANSPORTS[name] ?? name]),
    ];
    const coded = this.used === "mse" || this.used === "hls";
    const jpeg = this.dragged ?? this.wish.jpeg_quality ?? null;
    return html`
      <div class="wishes">
        ${this.#select("Quality", QUALITIES, this.wish.quality ?? "", (value) =>
          this.#wish({ quality: (value || null) as Quality | null }),
        )}
        ${this.#select("Rate", RATES, String(this.wish.fps ?? ""), (value) =>
          this.#wish({ fps: value ? Number(value) : null }),
        )}
        <label class="range">
          <span class="name">JPEG quality</span>
          <input
            type="range"
            min=${JPEG_LEAST}
            max=${JPEG_MOST}
            step="5"
            aria-label="JPEG quality"
            class=${jpeg === null ? "open" : ""}
            title=${coded ? "For JPEGs; this is H.264" : nothing}
            ?disabled=${coded}
            .value=${String(jpeg ?? JPEG_USUAL)}
            @input=${(event: Event) => (this.dragged = Number((event.target as HTMLInputElement).value))}
            @change=${(event: Event) => this.#jpeg(Number((event.target as HTMLInputElement).value))}
          />
          <output>${coded ? "–" : (jpeg ?? "As it is")}</output>
          ${
            jpeg === null
              ? nothing
              : html`<button
                  type="button"
                  class="plain icon"
                  title="JPEG quality as the stream has it"
                  aria-label="JPEG quality as the stream has it"
                  @click=${() => this.#jpeg(null)}
                >
                  ${icon("close")}
                </button>`
          }
        </label>
        ${this.#select("Transport", transports, this.transport, (value) =>
          this.dispatchEvent(new CustomEvent("transport", { detail: value })),
        )}
      </div>
      <div class="tools">
        ${this.sound ? this.#speaker(this.sound) : nothing}
        ${this.#tool("snapshot", "snapshot", "Snapshot", "Save the picture as it is now (s)")}
        ${this.#tool("share", "share", "Share", "Link, QR code, code to embed")}
        ${this.pip ? this.#tool("pip", "pip", "Float", "Picture-in-picture") : nothing}
        ${this.full ? this.#tool("full", "full", "Full", "Full screen (f)") : nothing}
        ${this.#tool("settings", "settings", "Settings", "Stream settings, for everybody")}
        ${this.camera ? this.#tool("camera", "camera", "Camera", "Brightness, exposure, focus and the like (c)", this.side === "camera") : nothing}
        ${this.#tool("details", "chart", "Details", "Stats, viewers, events (d)", this.side === "details")}
      </div>
    `;
  }

  /** Gives the focus to the button of a tool. */
  focusOn(tool: Tool): void {
    this.renderRoot.querySelector<HTMLElement>(`[data-tool="${tool}"]`)?.focus();
  }

  #select(label: string, options: [string, string][], value: string, onchange: (value: string) => void) {
    // A wish of the page's address need not be one of those that are offered.
    const all = options.some(([one]) => one === value) ? options : [...options, [value, value] as [string, string]];
    return html`<label>
      <span>${label}</span>
      <select
        aria-label=${label}
        .value=${value}
        @change=${(event: Event) => onchange((event.target as HTMLSelectElement).value)}
      >
        ${all.map(([one, words]) => html`<option value=${one} ?selected=${one === value}>${words}</option>`)}
      </select>
    </label>`;
  }

  #speaker({ muted }: { muted: boolean }) {
    return muted ? this.#tool("sound", "muted", "Unmute", "Unmute (m)") : this.#tool("sound", "sound", "Mute", "Mute (m)");
  }

  #tool(tool: Tool, glyph: IconName, word: string, tip: string, pressed?: boolean) {
    return html`<button
      type="button"
      class="plain"
      title=${tip}
      aria-label=${tip.replace(/ \(.\)$/, "")}
      data-tool=${tool}
      aria-pressed=${pressed === undefined ? nothing : String(pressed)}
      @click=${() => this.dispatchEvent(new CustomEvent("tool", { detail: tool }))}
    >
      ${icon(glyph)}<span class="word">${word}</span>
    </button>`;
  }

  #jpeg(value: number | null): void {
    this.dragged = null;
    this.#wish({ jpeg_quality: value });
  }

  #wish(part: Wish): void {
    this.dispatchEvent(new CustomEvent("wish", { detail: { ...this.wish, ...part } }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "e-tools": Tools;
  }
}
