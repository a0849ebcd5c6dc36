// `<e-first-steps>`: how to add a camera, a program, a phone, with the commands to copy. Shown while there
// is nothing but the test pattern. Events: `start` with the tab of the dialog in `detail`, `hide`.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../parts/copy.js";
import { icon } from "../parts/icons.js";
import "../parts/qr.js";
import { base } from "../parts/server.js";
import type { Tab } from "../parts/start-dialog.js";
import { commands, onlyHere } from "../parts/start-examples.js";
import { controls } from "../parts/styles.js";

@customElement("e-first-steps")
export class FirstSteps extends LitElement {
  /** The test pattern plays; otherwise there is nothing at all. */
  @property({ type: Boolean }) pattern = false;

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        max-width: 1180px;
        margin: var(--space-4) auto;
        padding: 0 var(--space-2);
      }
      .head {
        display: flex;
        align-items: flex-start;
        gap: var(--space-3);
        margin-bottom: var(--space-3);
      }
      .head div {
        flex: 1;
      }
      .steps {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr));
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
      }
      section {
        display: flex;
        flex-direction: column;
        gap: var(--space-2);
        padding: var(--space-4);
        min-width: 0;
      }
      section + section {
        border-left: 1px solid var(--line);
      }
      h3 {
        display: flex;
        align-items: center;
        gap: var(--space-2);
      }
      h3 .glyph {
        color: var(--accent);
      }
      section > .row {
        margin-top: auto;
      }
      .phone {
        display: flex;
        gap: var(--space-4);
      }
      e-qr {
        flex: none;
        width: 132px;
      }
      @media (max-width: 960px) {
        section + section {
          border-left: 0;
          border-top: 1px solid var(--line);
        }
      }
      @media (max-width: 600px) {
        :host {
          padding: 0 var(--space-3);
        }
      }
    `,
  ];

  override render() {
    const { camera, pipe, push } = commands(base);
    return html`<div class="head">
        <div>
          <h2>${this.pattern ? "This is the test pattern. Now add a camera" : "No streams yet. Add a camera"}</h2>
          <p class="quiet">Commands run on the machine that Eyeline runs on, unless it says otherwise.</p>
        </div>
        ${this.pattern ? html`<button type="button" class="plain" @click=${this.#hide}>Hide</button>` : nothing}
      </div>
      <div class="steps">
        <section>
          <h3>${icon("camera")}A camera</h3>
          <p class="quiet small">Start one from here, or name it when Eyeline starts. This takes a USB camera by ffmpeg:</p>
          <code class="block">${camera}</code>
          <div class="row">
            <button type="button" class="primary" @click=${() => this.#start("machine")}>${icon("add")}Start stream</button>
            <e-copy .text=${camera} label="Copy command"></e-copy>
          </div>
        </section>
        <section>
          <h3>${icon("terminal")}A pipe or a program</h3>
          <p class="quiet small">Anything that writes JPEGs to its standard output:</p>
          <code class="block">${pipe}</code>
          <p class="quiet small">On another machine, with <code>--token</code> and the token that Eyeline
            printed${onlyHere(base) ? html`, and this machine's address for <code>ADDRESS</code>` : nothing}:</p>
          <code class="block">${push}</code>
          <div class="row">
            <e-copy .text=${pipe} label="Copy the first"></e-copy>
            <e-copy .text=${push} label="Copy the second"></e-copy>
          </div>
        </section>
        <section>
          <h3>${icon("phone")}A phone</h3>
          ${this.#phone()}
          <div class="row">
            <button type="button" @click=${() => this.#start("browser")}>${icon("camera")}Publish from this browser</button>
          </div>
        </section>
      </div>`;
  }

  #phone() {
    if (onlyHere(base)) {
      return html`<p class="quiet small">
        This page is open as <code>${base.host}</code>, which a phone cannot reach. Scan the QR code that Eyeline prints in its
        terminal, or open the link there under “Open elsewhere”.
      </p>
      <p class="quiet small">To use the phone as a camera, too, the page has to come over HTTPS.</p>`;
    }
    return html`<div class="phone">
      <e-qr text=${base.href}></e-qr>
      <p class="quiet small">
        Scan to watch on a phone. It asks once for the token that Eyeline printed at its start.
        ${window.isSecureContext
          ? "There, “Start stream”, “This browser” makes the phone a camera."
          : "To use the phone as a camera, too, the page has to come over HTTPS."}
      </p>
    </div>`;
  }

  #start(tab: Tab): void {
    this.dispatchEvent(new CustomEvent<Tab>("start", { detail: tab }));
  }

  readonly #hide = () => this.dispatchEvent(new Event("hide"));
}

declare global {
  interface HTMLElementTagNameMap {
    "e-first-steps": FirstSteps;
  }
}
