// `<e-camera .camera=…>`: what can be set at the camera, beside the picture; on a phone below it.
// Event: `close`.

import { LitElement, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat as each } from "lit/directives/repeat.js";
import { asApiError, repeat } from "../../client/streams.js";
import type { CameraControls, ControlValue } from "../../client/types.js";
import { plural } from "../../parts/format.js";
import { icon } from "../../parts/icons.js";
import { controls } from "../../parts/styles.js";
import { say } from "../../parts/toast.js";
import type { Camera } from "./camera.js";
import { panelStyles } from "./camera-style.js";
import { groups, type Group } from "./control.js";
import "./control-row.js";

const LOOK_EVERY_MS = 3000;
/** With more there is a filter. */
const FEW = 12;
/** With more only the first group is open at first. */
const OPEN_AT_FIRST = 24;

@customElement("e-camera")
export class CameraPanel extends LitElement {
  @property({ attribute: false }) camera!: Camera;
  @state() private filter = "";
  @state() private busy = false;
  /** Groups that were opened or closed here. */
  @state() private opened = new Map<string, boolean>();
  #stop = () => {};

  static override styles = [controls, panelStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    const { camera } = this;
    const change = () => this.requestUpdate();
    camera.addEventListener("change", change);
    const loop = repeat(LOOK_EVERY_MS, () => camera.look());
    this.#stop = () => {
      camera.removeEventListener("change", change);
      loop.stop();
    };
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  override render() {
    const { known, failure } = this.camera;
    return html`<header>
        <h2>Camera</h2>
        <span class="name" title=${known?.camera ?? ""}>${known?.name ?? ""}</span>
        <button type="button" class="plain icon" title="Close (c)" aria-label="Close camera" @click=${this.#close}>${icon("close")}</button>
      </header>
      <div class="content" @keydown=${this.#keys}>
        ${failure ? html`<p class="failure" role="status">${failure}</p>` : nothing}
        ${known ? this.#groups(known) : failure ? nothing : html`<p class="quiet">Asking the camera what can be set…</p>`}
      </div>
      ${known ? this.#footer() : nothing}`;
  }

  #groups(known: CameraControls) {
    const found = groups(known.controls, this.filter);
    const few = known.controls.length <= FEW;
    return html`${
        few
          ? nothing
          : html`<div class="filter">
              <input
                type="search"
                placeholder="Filter ${known.controls.length} controls"
                aria-label="Filter the controls"
                .value=${this.filter}
                @input=${(event: Event) => (this.filter = (event.target as HTMLInputElement).value)}
              />
            </div>`
      }
      ${found.length === 0 ? html`<p class="quiet">No control is called that.</p>` : nothing}
      ${each(
        found,
        (group) => group.name,
        (group, at) => this.#group(group, Boolean(this.filter) || (this.opened.get(group.name) ?? (at === 0 || known.controls.length <= OPEN_AT_FIRST))),
      )}`;
  }

  #group(group: Group, open: boolean) {
    return html`<details ?open=${open} @toggle=${(event: Event) => this.#toggled(group.name, event)}>
      <summary>${icon("down")}${group.name}<span class="quiet">${group.controls.length}</span></summary>
      <div class="list">
        ${each(
          open ? group.controls : [],
          (control) => control.id,
          (control) => html`<e-control
            data-id=${control.id}
            .control=${control}
            .value=${this.camera.shown(control)}
            wrong=${this.camera.wrong(control.id)}
            @set=${(event: CustomEvent<ControlValue | null>) => this.camera.set(control.id, event.detail)}
          ></e-control>`,
        )}
      </div>
    </details>`;
  }

  #footer() {
    const { keptCount, canKeep } = this.camera;
    const words = keptCount > 0 ? `${plural(keptCount, "value")} kept` : "Nothing kept";
    return html`<footer>
      <span class="quiet" title="Kept values are set again whenever the camera is opened">${words}</span>
      <button type="button" ?disabled=${this.busy || !canKeep} title="Set the values as they are now again whenever the camera is opened" @click=${this.#keep}>Keep</button>
      <button type="button" ?disabled=${this.busy} title="Set all to their defaults and keep none" @click=${this.#reset}>Reset all</button>
    </footer>`;
  }

  #toggled(name: string, event: Event): void {
    const { open } = event.target as HTMLDetailsElement;
    // The filter opens and closes groups, too, which is not to be remembered.
    if (this.filter || this.opened.get(name) === open) return;
    this.opened = new Map(this.opened).set(name, open);
  }

  readonly #keep = () =>
    this.#ask(async () => {
      const count = await this.camera.keep();
      say(`Kept: ${plural(count, "value")} will be set again whenever the camera is opened.`);
    });

  readonly #reset = () =>
    this.#ask(async () => {
      await this.camera.reset();
      say("Everything is at its default, and nothing is kept.");
    });

  async #ask(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await work();
    } catch (error) {
      say(asApiError(error).message, "failure");
    }
    this.busy = false;
  }

  readonly #keys = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    if (this.filter) this.filter = "";
    else this.#close();
  };

  readonly #close = () => {
    this.dispatchEvent(new Event("close"));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "e-camera": CameraPanel;
  }
}
