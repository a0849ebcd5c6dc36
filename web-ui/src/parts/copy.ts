// Copies where the browser lets a page do so; that takes TLS, or this machine.

import { LitElement, css, html } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { controls } from "./styles.js";
import { icon } from "./icons.js";

const COPIED_FOR_MS = 2000;

export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  // Inside an open modal dialog nothing else can be selected.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) throw new Error("The browser does not let this page copy. Select the text and copy it.");
}

/** `<e-copy .text="…" label="Copy link">`: a button that copies and says so. */
@customElement("e-copy")
export class CopyButton extends LitElement {
  @property() text = "";
  @property() label = "Copy";
  @state() private said: "no" | "copied" | "failed" = "no";

  static override styles = [
    controls,
    css`
      :host {
        display: inline-flex;
      }
      button {
        flex: 1;
      }
    `,
  ];

  override render() {
    const words = { no: this.label, copied: "Copied", failed: "Select and copy" }[this.said];
    return html`<button type="button" @click=${this.#copy}>
      ${icon(this.said === "copied" ? "check" : "copy")}<span aria-live="polite">${words}</span>
    </button>`;
  }

  readonly #copy = async () => {
    this.said = await copyText(this.text).then(
      () => "copied" as const,
      () => "failed" as const,
    );
    setTimeout(() => (this.said = "no"), COPIED_FOR_MS);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "e-copy": CopyButton;
  }
}
