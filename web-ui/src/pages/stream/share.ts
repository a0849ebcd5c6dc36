// `<e-share stream="front" open>`: the link, a QR code of it, and the code to embed.

import { LitElement, css, html } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../parts/copy.js";
import "../../parts/dialog.js";
import "../../parts/qr.js";
import { base } from "../../parts/server.js";
import { controls } from "../../parts/styles.js";

@customElement("e-share")
export class Share extends LitElement {
  @property() stream = "";
  @property() name = "";
  /** The wish that the link carries along, with its question mark. */
  @property() query = "";
  @property({ type: Boolean }) open = false;

  static override styles = [
    controls,
    css`
      .two {
        display: grid;
        grid-template-columns: 176px 1fr;
        gap: var(--space-4);
        align-items: start;
      }
      e-qr {
        width: 176px;
        height: 176px;
      }
      .fields {
        display: flex;
        flex-direction: column;
        gap: var(--space-3);
        min-width: 0;
      }
      .line {
        display: flex;
        gap: var(--space-2);
      }
      .line input,
      textarea {
        flex: 1;
        min-width: 0;
        font: var(--text-small) / 1.5 var(--mono);
      }
      textarea {
        width: 100%;
        resize: vertical;
      }
      .embed {
        margin-top: var(--space-4);
      }
      .embed .line {
        align-items: flex-start;
      }
      @media (max-width: 600px) {
        .two {
          grid-template-columns: 1fr;
          justify-items: center;
        }
        .fields {
          width: 100%;
        }
      }
    `,
  ];

  get #link(): string {
    return `${new URL(`streams/${encodeURIComponent(this.stream)}`, base)}${this.query}`;
  }

  override render() {
    const link = this.#link;
    const root = new URL(".", base).href;
    const embed =
      `<script type="module" src="${root}player.js"></script>\n` +
      `<eyeline-player src="${link}" controls></eyeline-player>`;
    const here = /^(localhost|127\.|\[::1\])/.test(base.hostname);
    return html`<e-dialog heading="Share ${this.name}" ?open=${this.open} @close=${this.#closed}>
      <div class="two">
        <e-qr text=${this.open ? link : ""}></e-qr>
        <div class="fields">
          ${this.#line("Link", link)} ${this.#line("For players and programs (MJPEG)", this.#path("mjpeg"))}
          ${this.#line("One picture (JPEG)", this.#path("snapshot.jpg"))}
        </div>
      </div>
      <label class="field embed">
        <span>To embed in a page</span>
        <span class="line">
          <textarea rows="4" readonly .value=${embed} @focus=${select}></textarea>
        </span>
        <e-copy .text=${embed} label="Copy code"></e-copy>
      </label>
      <p class="small quiet embed">
        ${
          here
            ? "This address works on this machine only. Open the page by the machine's name or address to share it."
            : "Whoever opens the link is asked for the server's token, unless the server is open to all. Another site that embeds the player puts ?token=… behind the address."
        }
      </p>
    </e-dialog>`;
  }

  #path(last: string): string {
    return `${new URL(`streams/${encodeURIComponent(this.stream)}/${last}`, base)}${this.query}`;
  }

  #line(label: string, text: string) {
    return html`<label class="field">
      <span>${label}</span>
      <span class="line">
        <input readonly .value=${text} @focus=${select} />
        <e-copy .text=${text}></e-copy>
      </span>
    </label>`;
  }

  readonly #closed = () => this.dispatchEvent(new Event("close"));
}

function select(event: FocusEvent): void {
  (event.target as HTMLInputElement).select();
}

declare global {
  interface HTMLElementTagNameMap {
    "e-share": Share;
  }
}
