// `<e-qr text="…">`: a QR code. The library that makes it is loaded when one is shown.

import { LitElement, css, html, nothing, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";

@customElement("e-qr")
export class QrCode extends LitElement {
  @property() text = "";
  @state() private modules: boolean[][] = [];

  static override styles = css`
    :host {
      display: block;
      width: 160px;
      aspect-ratio: 1;
    }
    svg {
      display: block;
      width: 100%;
      height: 100%;
      border-radius: var(--radius, 8px);
      background: #fff;
      fill: #000;
    }
  `;

  override render() {
    const { modules } = this;
    if (modules.length === 0) return nothing;
    const path = modules
      .map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")).join(""))
      .join("");
    return html`<svg viewBox="0 0 ${modules.length} ${modules.length}" role="img" aria-label="QR code of ${this.text}" shape-rendering="crispEdges">
      ${svg`<path d=${path}></path>`}
    </svg>`;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("text")) void this.#make(this.text);
  }

  async #make(text: string): Promise<void> {
    if (!text) return void (this.modules = []);
    const { encode } = await import("uqr");
    if (text === this.text) this.modules = encode(text, { border: 2 }).data;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "e-qr": QrCode;
  }
}
