// `<e-menu label="More" icon="more"><button>…</button></e-menu>`: a button that opens a short list
// of buttons or links. Arrow keys move, Escape and a choice close it.

import { LitElement, css, html } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { controls } from "./styles.js";
import { icon, type IconName } from "./icons.js";

@customElement("e-menu")
export class Menu extends LitElement {
  @property() label = "More";
  @property() icon: IconName = "more";
  /** Shows the label beside the icon; otherwise it is the tooltip. */
  @property({ type: Boolean }) labelled = false;
  @state() private open = false;

  static override styles = [
    controls,
    css`
      :host {
        position: relative;
        display: inline-flex;
      }
      .list {
        position: absolute;
        z-index: 10;
        top: calc(100% + 4px);
        right: 0;
        display: flex;
        flex-direction: column;
        min-width: 180px;
        padding: var(--space-1);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
      }
      ::slotted(*) {
        justify-content: flex-start !important;
        border-color: transparent !important;
        background: none;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("pointerdown", this.#elsewhere);
  }

  override disconnectedCallback(): void {
    document.removeEventListener("pointerdown", this.#elsewhere);
    super.disconnectedCallback();
  }

  override render() {
    return html`<button
        type="button"
        class=${this.labelled ? "plain" : "plain icon"}
        title=${this.label}
        aria-label=${this.label}
        aria-haspopup="menu"
        aria-expanded=${this.open}
        @click=${this.#toggle}
        @keydown=${this.#keys}
      >
        ${icon(this.icon)}${this.labelled ? this.label : ""}
      </button>
      <div class="list" role="menu" ?hidden=${!this.open} @click=${this.#chosen} @keydown=${this.#keys}>
        <slot></slot>
      </div>`;
  }

  get #items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("button, a")];
  }

  readonly #toggle = async () => {
    this.open = !this.open;
    await this.updateComplete;
    if (!this.open) return;
    for (const item of this.#items) item.setAttribute("role", "menuitem");
    this.#items[0]?.focus();
  };

  readonly #chosen = () => {
    this.open = false;
  };

  readonly #elsewhere = (event: Event) => {
    if (!event.composedPath().includes(this)) this.open = false;
  };

  readonly #keys = (event: KeyboardEvent) => {
    if (event.key === "Escape" && this.open) {
      this.open = false;
      this.renderRoot.querySelector("button")?.focus();
      event.stopPropagation();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !this.open) return;
    event.preventDefault();
    const items = this.#items;
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + step + items.length) % items.length]?.focus();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "e-menu": Menu;
  }
}
