import { LitElement, html } from "lit";
import { customElement } from "lit/decorators.js";
import { controls } from "../parts/styles.js";

@customElement("eyeline-wall")
export class Page extends LitElement {
  static override styles = [controls];

  override render() {
    return html`<main></main>`;
  }
}
