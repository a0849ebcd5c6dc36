// `<e-dialog heading="Share" open>`: a modal dialog on the browser's own <dialog>, which keeps
// the focus inside and closes on Escape. On a phone it is a bottom sheet.
// Slots: the content, and `actions` for the buttons below it. Event: `close`.

import { LitElement, css, html, type PropertyValues } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { controls } from "./styles.js";
import { icon } from "./icons.js";

@customElement("e-dialog")
export class Dialog extends LitElement {
  @property() heading = "";
  @property({ type: Boolean, reflect: true }) open = false;
  @query("dialog") private dialog!: HTMLDialogElement;
  @query(".content") private content!: HTMLElement;

  static override styles = [
    controls,
    css`
      dialog {
        width: min(560px, calc(100vw - 32px));
        max-height: min(86vh, 86dvh);
        padding: 0;
        border: 1px solid var(--line);
        border-radius: 12px;
        background: var(--surface);
        color: var(--text);
        overflow: hidden;
      }
      :host([wide]) dialog {
        width: min(880px, calc(100vw - 32px));
      }
      dialog[open] {
        display: flex;
        flex-direction: column;
      }
      dialog::backdrop {
        background: var(--shade);
      }
      header {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
        border-bottom: 1px solid var(--line);
      }
      h2 {
        flex: 1;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .content {
        padding: var(--space-4);
        overflow: auto;
      }
      .content:focus {
        outline: none;
      }
      footer {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: var(--space-2);
        padding: var(--space-3) var(--space-4);
        border-top: 1px solid var(--line);
      }
      footer:not(.filled) {
        display: none;
      }
      @media (max-width: 600px) {
        dialog,
        :host([wide]) dialog {
          width: 100vw;
          max-width: 100vw;
          margin: auto 0 0;
          border-width: 1px 0 0;
          border-radius: 12px 12px 0 0;
          padding-bottom: env(safe-area-inset-bottom);
        }
      }
    `,
  ];

  override render() {
    return html`<dialog aria-labelledby="heading" @close=${this.#closed} @click=${this.#outside}>
      <header>
        <h2 id="heading">${this.heading}</h2>
        <button type="button" class="plain icon" title="Close" aria-label="Close" @click=${this.hide}>
          ${icon("close")}
        </button>
      </header>
      <div class="content" tabindex="-1"><slot></slot></div>
      <footer><slot name="actions" @slotchange=${this.#filled}></slot></footer>
    </dialog>`;
  }

  show(): void {
    this.open = true;
  }

  hide(): void {
    this.open = false;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has("open")) return;
    if (this.open && !this.dialog.open) {
      this.dialog.showModal();
      // Where people begin, not the button that closes.
      const first = this.querySelector<HTMLElement>("[autofocus]") ?? this.content;
      first.focus();
    }
    if (!this.open && this.dialog.open) this.dialog.close();
  }

  readonly #closed = () => {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };

  readonly #outside = (event: MouseEvent) => {
    if (event.target === this.dialog) this.hide();
  };

  readonly #filled = (event: Event) => {
    const slot = event.target as HTMLSlotElement;
    slot.parentElement?.classList.toggle("filled", slot.assignedElements().length > 0);
  };
}

/** Asks before something is done that cannot be undone. */
export function confirm(heading: string, text: string, verb: string): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = document.createElement("e-dialog");
    dialog.heading = heading;
    const words = document.createElement("p");
    words.textContent = text;
    const button = (label: string, look: string, answer: boolean) => {
      const element = document.createElement("button");
      element.slot = "actions";
      element.type = "button";
      element.textContent = label;
      element.className = look;
      element.addEventListener("click", () => {
        resolve(answer);
        dialog.hide();
      });
      return element;
    };
    dialog.append(words, button("Cancel", "", false), button(verb, "primary danger", true));
    dialog.addEventListener("close", () => {
      resolve(false);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.show();
  });
}

declare global {
  interface HTMLElementTagNameMap {
    "e-dialog": Dialog;
  }
}
