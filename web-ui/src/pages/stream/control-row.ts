// `<e-control .control=… .value=… wrong="…">`: one control of a camera. Event: `set` with the new
// value, null for the default; while a slider moves there are many of them.

import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { live } from "lit/directives/live.js";
import type { Control, ControlValue } from "../../client/types.js";
import { icon } from "../../parts/icons.js";
import { styled } from "../../parts/styled.js";
import { controls } from "../../parts/styles.js";
import { rowStyles } from "./camera-style.js";
import { canSet, differs, hasSlider, nearest, place, said, typed } from "./control.js";

@customElement("e-control")
export class ControlRow extends LitElement {
  @property({ attribute: false }) control!: Control;
  /** What is shown; may be newer than what the camera confirmed. */
  @property({ attribute: false }) value: ControlValue | null = null;
  @property() wrong = "";
  /** Where the thumb is held: no answer moves it. */
  @state() private held: number | null = null;
  /** What stands in the field and was not taken yet. */
  @state() private text: string | null = null;

  static override styles = [controls, rowStyles];

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("wrong") && this.wrong) this.held = null;
  }

  override render() {
    const { control } = this;
    return html`<div class="control" ?data-inactive=${control.inactive}>
      ${this.#head()} ${hasSlider(control) && !control.read_only ? this.#slider() : nothing}
      ${this.wrong ? html`<p class="wrong" id="wrong" role="alert">${this.wrong}</p>` : nothing}
    </div>`;
  }

  #head(): TemplateResult {
    const { control } = this;
    if (control.kind === "button") {
      return html`<button type="button" id="input" ?disabled=${!canSet(control)} @click=${() => this.#set(true)}>${control.name}</button>`;
    }
    return html`<div class="head">
      <label for="input" id="name" title=${control.id}>${control.name}</label>
      ${
        control.inactive
          ? html`<span class="why" title="Without effect while another control is on automatic">automatic</span>`
          : nothing
      }
      ${control.read_only ? html`<output id="input">${said(control, this.value)}</output>` : this.#input()}
      ${control.read_only ? nothing : this.#reset()}
    </div>`;
  }

  #input(): TemplateResult {
    switch (this.control.kind) {
      case "boolean":
        return this.#switch();
      case "menu":
        return this.#menu();
      default:
        return this.#field();
    }
  }

  #slider(): TemplateResult {
    const { control } = this;
    const shown = this.held ?? Number(this.value ?? control.default);
    const mark = String(place(control, Number(control.default)));
    return html`<div class="slider" ${styled({ "--default": mark })} title="Double-click for the default, ${said(control, control.default)}">
        <span class="mark"></span>
        <input
          type="range"
          aria-labelledby="name"
          aria-describedby=${this.wrong ? "wrong" : nothing}
          min=${control.minimum}
          max=${control.maximum}
          step=${Math.max(control.step, 1)}
          ?disabled=${!canSet(control)}
          .value=${live(String(shown))}
          @input=${this.#moved}
          @change=${this.#released}
          @blur=${this.#released}
          @dblclick=${() => this.#set(null)}
        />
      </div>
      <div class="ends" aria-hidden="true"><span>${control.minimum}</span><span>${control.maximum}</span></div>`;
  }

  #field(): TemplateResult {
    const { control } = this;
    const value = this.held ?? this.value;
    const bits = control.kind === "bitmask";
    return html`<input
      id="input"
      class="figure ${bits ? "bits" : ""}"
      type="text"
      inputmode=${bits || control.minimum < 0 ? "text" : "numeric"}
      autocomplete="off"
      spellcheck="false"
      aria-describedby=${this.wrong ? "wrong" : nothing}
      title=${bits ? "Bits, in hexadecimal" : `${control.minimum} to ${control.maximum}`}
      ?disabled=${!canSet(control)}
      .value=${live(this.text ?? said(control, value))}
      @input=${(event: Event) => (this.text = (event.target as HTMLInputElement).value)}
      @change=${this.#entered}
      @blur=${() => (this.text = null)}
      @keydown=${this.#stepped}
    />`;
  }

  #switch(): TemplateResult {
    const { control } = this;
    return html`<input
      id="input"
      type="checkbox"
      role="switch"
      aria-describedby=${this.wrong ? "wrong" : nothing}
      ?disabled=${!canSet(control)}
      .checked=${live(Boolean(this.value))}
      @change=${(event: Event) => this.#set((event.target as HTMLInputElement).checked)}
    />`;
  }

  #menu(): TemplateResult {
    const { control, value } = this;
    const choices = control.choices ?? [];
    const known = value !== null && choices.some((choice) => choice.value === Number(value));
    return html`<select
      id="input"
      aria-describedby=${this.wrong ? "wrong" : nothing}
      ?disabled=${!canSet(control)}
      @change=${(event: Event) => this.#set(Number((event.target as HTMLSelectElement).value))}
    >
      ${known ? nothing : html`<option disabled .selected=${live(true)}>${said(control, value)}</option>`}
      ${choices.map((choice) => html`<option value=${choice.value} .selected=${live(choice.value === Number(value) && known)}>${choice.name}</option>`)}
    </select>`;
  }

  #reset(): TemplateResult {
    const { control } = this;
    const wanted = canSet(control) && differs(control, this.held ?? this.value);
    const words = `${control.name} to its default, ${said(control, control.default)}`;
    return html`<button
      type="button"
      class="plain icon reset"
      title=${words}
      aria-label=${words}
      ?data-idle=${!wanted}
      ?disabled=${!wanted}
      @click=${() => this.#set(null)}
    >
      ${icon("undo")}
    </button>`;
  }

  readonly #moved = (event: Event) => {
    this.held = Number((event.target as HTMLInputElement).value);
    this.dispatchEvent(new CustomEvent("set", { detail: this.held }));
  };

  readonly #released = () => {
    this.held = null;
  };

  readonly #entered = () => {
    const value = typed(this.control, this.text ?? "");
    this.text = null;
    if (value !== null) this.#set(value);
  };

  /** Up and down step a figure, as they do a slider. */
  readonly #stepped = (event: KeyboardEvent) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by || this.control.kind === "bitmask") return;
    event.preventDefault();
    const from = typed(this.control, this.text ?? "") ?? Number(this.value ?? this.control.default);
    this.text = null;
    this.#set(nearest(this.control, from + by * Math.max(this.control.step, 1)));
  };

  #set(value: ControlValue | null): void {
    this.held = null;
    this.dispatchEvent(new CustomEvent("set", { detail: value }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "e-control": ControlRow;
  }
}
