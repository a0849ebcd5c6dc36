// The fields of the start dialog, one like the other: a name above, a hint or what is wrong below.

import { css, html, nothing, type TemplateResult } from "lit";
import { said, type Errors, type Field, type Form } from "./start-form.js";

export interface Filling {
  form: Form;
  errors: Errors;
  /** After a field was changed. */
  set<Name extends Field>(name: Name, value: Form[Name]): void;
}

export const fieldStyles = css`
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(200px, 1fr));
    gap: var(--space-3) var(--space-4);
  }
  .fields > .whole {
    grid-column: 1 / -1;
  }
  .field[data-wrong] :is(input, select) {
    border-color: var(--failure);
  }
  summary {
    display: flex;
    align-items: center;
    min-height: var(--control);
    color: var(--quiet);
    cursor: pointer;
  }
  summary::before {
    content: "";
    width: 6px;
    height: 6px;
    margin: 0 var(--space-3) 0 var(--space-1);
    border: solid currentcolor;
    border-width: 0 1.5px 1.5px 0;
    transform: rotate(-45deg);
  }
  details[open] > summary::before {
    transform: rotate(45deg);
  }
`;

interface About {
  label: string;
  hint?: string;
  placeholder?: string;
  type?: "text" | "number";
  least?: number;
  most?: number;
  whole?: boolean;
}

export function textField(filling: Filling, name: Field, about: About): TemplateResult {
  const input = html`<input
    id=${name}
    name=${name}
    type=${about.type ?? "text"}
    min=${about.least ?? nothing}
    max=${about.most ?? nothing}
    inputmode=${about.type === "number" ? "numeric" : nothing}
    placeholder=${about.placeholder ?? nothing}
    autocomplete="off"
    autocapitalize="none"
    spellcheck="false"
    aria-invalid=${filling.errors[name] ? "true" : nothing}
    aria-describedby="about-${name}"
    .value=${filling.form[name]}
    @input=${(event: Event) => filling.set(name, (event.target as HTMLInputElement).value as never)}
  />`;
  return wrap(filling, name, about, input);
}

export function selectField(filling: Filling, name: Field, about: About, options: [string, string][]): TemplateResult {
  const input = html`<select
    id=${name}
    name=${name}
    aria-describedby="about-${name}"
    .value=${filling.form[name]}
    @change=${(event: Event) => filling.set(name, (event.target as HTMLSelectElement).value as never)}
  >
    ${options.map(([value, label]) => html`<option value=${value} ?selected=${filling.form[name] === value}>${label}</option>`)}
  </select>`;
  return wrap(filling, name, about, input);
}

function wrap(filling: Filling, name: Field, about: About, input: TemplateResult): TemplateResult {
  const wrong = filling.errors[name];
  return html`<div class="field ${about.whole ? "whole" : ""}" ?data-wrong=${wrong}>
    <label for=${name}>${about.label}</label>
    ${input}
    <span id="about-${name}" class=${wrong ? "wrong" : "hint"} role=${wrong ? "alert" : nothing} ?hidden=${!wrong && !about.hint}>
      ${wrong ? said(wrong) : about.hint}
    </span>
  </div>`;
}

export const QUALITIES: [string, string][] = [
  ["high", "High, 720p"],
  ["medium", "Medium, 480p"],
  ["low", "Low, 320p"],
];

/** How a stream is called. */
export function nameFields(filling: Filling, idHint: string): TemplateResult {
  return html`${textField(filling, "name", { label: "Name", placeholder: "Front door" })}
  ${textField(filling, "id", { label: "Id", placeholder: "front", hint: idHint })}`;
}

/** How it is sent where a viewer asks for nothing else. */
export function qualityFields(filling: Filling): TemplateResult {
  return html`${selectField(filling, "quality", { label: "Quality" }, [["", "As the source is"], ...QUALITIES])}
  ${textField(filling, "fps", { label: "Pictures a second (fps)", type: "number", least: 1, most: 120, placeholder: "As the source" })}
  ${textField(filling, "jpeg_quality", { label: "JPEG quality", type: "number", least: 1, most: 100, placeholder: "As the source" })}`;
}
