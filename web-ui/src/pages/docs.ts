// The page of the API: what `openapi.json` says, readable, with a way to try each operation.

import { LitElement, html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { asApiError } from "../client/streams.js";
import { sentence } from "../parts/format.js";
import { icon, mark } from "../parts/icons.js";
import { base } from "../parts/server.js";
import { controls } from "../parts/styles.js";
import { groups, rows, type Answer, type Description, type Group, type Operation, type Schema, nameOf, typeWords } from "./docs-model.js";
import { docsStyles } from "./docs-style.js";
import "./docs-try.js";

const DESCRIPTION = new URL("api/openapi.json", base);

@customElement("eyeline-docs")
export class Page extends LitElement {
  @state() private api: Description | null = null;
  @state() private error: string | null = null;
  /** What was opened once: only that is filled in. */
  @state() private opened = new Set<string>();
  #groups: Group[] = [];

  static override styles = [controls, docsStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
    addEventListener("hashchange", this.#toHash);
  }

  override disconnectedCallback(): void {
    removeEventListener("hashchange", this.#toHash);
    super.disconnectedCallback();
  }

  override render() {
    return html`<header>
        <a class="brand" href=${base.href}>${mark()}Eyeline</a>
        <a class="button plain back" href=${base.href}>${icon("back")}All streams</a>
        <a class="button" href=${DESCRIPTION.href} download="eyeline-openapi.json">openapi.json</a>
      </header>
      ${this.api ? this.#page(this.api) : this.#waiting()}`;
  }

  #waiting() {
    return html`<div class="page"><p class="quiet" role="status">${this.error ?? "Loading the description…"}</p></div>`;
  }

  #page(api: Description) {
    const schemas = Object.entries(api.components?.schemas ?? {});
    return html`<div class="page">
      <nav aria-label="Operations">
        ${this.#groups.map(
          (group) => html`<h3>${group.name}</h3>
            ${group.operations.map((one) => html`<a href="#${one.id}">${one.summary.replace(/\.$/, "") || one.path}</a>`)}`,
        )}
        ${schemas.length > 0 ? html`<h3>Schemas</h3>${schemas.map(([name]) => html`<a href="#schema-${name}">${name}</a>`)}` : nothing}
      </nav>
      <main>
        <div class="intro">
          <h1>${api.info?.title ?? "The"} API <span class="quiet">${api.info?.version}</span></h1>
          ${paragraphs(api.info?.description)}
        </div>
        ${this.#groups.map(
          (group) => html`<section>
            <h2>${group.name}</h2>
            <p class="quiet">${group.words}</p>
            <div class="operations">${group.operations.map((one) => this.#operation(api, one))}</div>
          </section>`,
        )}
        ${schemas.length > 0
          ? html`<section>
              <h2>Schemas</h2>
              <p class="quiet">What bodies are made of.</p>
              <div class="operations schemas">${schemas.map(([name, schema]) => this.#schema(api, name, schema))}</div>
            </section>`
          : nothing}
      </main>
    </div>`;
  }

  #operation(api: Description, one: Operation) {
    return html`<details id=${one.id} @toggle=${this.#toggled}>
      <summary>
        <span class="method" data-method=${one.method}>${one.method}</span><span class="path">${one.path}</span><span class="quiet small">${inline(one.summary)}</span>
      </summary>
      ${this.opened.has(one.id)
        ? html`<div class="about">
            ${one.words ? html`<div>${paragraphs(one.words)}</div>` : nothing}
            ${one.body ? html`<div><h3>Body${this.#schemaName(one.body.schema)}</h3>${this.#fields(api, one.body.schema)}</div>` : nothing}
            <div><h3>Try it</h3><e-try .api=${api} .operation=${one}></e-try></div>
            <div><h3>Answers</h3>${this.#answers(one.answers)}</div>
          </div>`
        : nothing}
    </details>`;
  }

  #schema(api: Description, name: string, schema: Schema) {
    const id = `schema-${name}`;
    return html`<details id=${id} @toggle=${this.#toggled}>
      <summary><span class="path">${name}</span><span class="quiet small">${inline(schema.description)}</span></summary>
      ${this.opened.has(id) ? html`<div class="about">${this.#fields(api, schema)}</div>` : nothing}
    </details>`;
  }

  #fields(api: Description, schema: Schema) {
    const fields = rows(api, schema);
    if (fields.length === 0) return html`<p><code>${typeWords(schema)}</code></p>`;
    return html`<div class="table">
      <table>
        <thead>
          <tr><th>Field</th><th>Type</th><th></th></tr>
        </thead>
        <tbody>
          ${fields.map(
            (field) => html`<tr>
              <td><code>${field.name}</code>${field.required ? nothing : html` <span class="quiet">optional</span>`}</td>
              <td><code>${this.#linked(field.type)}</code></td>
              <td>${inline(field.words)} ${field.limits ? html`<span class="quiet">${sentence(field.limits)}</span>` : nothing}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  #answers(answers: Answer[]) {
    return html`<div class="table">
      <table>
        <thead>
          <tr><th>Status</th><th>Body</th><th></th></tr>
        </thead>
        <tbody>
          ${answers.map(
            ({ status, schema, type, words }) => html`<tr>
              <td><code>${status}</code></td>
              <td><code>${schema && nameOf(schema) ? this.#linked(typeWords(schema)) : (type ?? "")}</code></td>
              <td>${inline(words)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  #schemaName(schema: Schema) {
    const name = nameOf(schema);
    return name ? html`: <a href="#schema-${name}">${name}</a>` : nothing;
  }

  /** Names of schemas in a type, as links to them. */
  #linked(type: string): (string | TemplateResult)[] {
    const known = this.api?.components?.schemas ?? {};
    return type.split(/\b/).map((word) => (word in known ? html`<a href="#schema-${word}">${word}</a>` : word));
  }

  async #load(): Promise<void> {
    try {
      const response = await fetch(DESCRIPTION);
      if (!response.ok) throw new Error(`The server answers with status ${response.status}.`);
      this.api = (await response.json()) as Description;
      this.#groups = groups(this.api);
      document.title = `API · ${this.api.info?.title ?? "Eyeline"}`;
      await this.updateComplete;
      this.#toHash();
    } catch (error) {
      this.error = sentence(`The description cannot be loaded: ${asApiError(error).message}`);
    }
  }

  readonly #toggled = (event: Event) => {
    const details = event.currentTarget as HTMLDetailsElement;
    if (!details.open || this.opened.has(details.id)) return;
    this.opened = new Set(this.opened).add(details.id);
  };

  /** Browsers do not look into components for what an address points at. */
  readonly #toHash = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const details = id ? this.renderRoot.querySelector<HTMLDetailsElement>(`details[id="${CSS.escape(id)}"]`) : null;
    if (!details) return;
    details.open = true;
    details.scrollIntoView({ block: "start" });
    details.querySelector("summary")?.focus({ preventScroll: true });
  };
}

/** Text with empty lines between paragraphs. */
function paragraphs(text: string | undefined): TemplateResult[] {
  return (text ?? "").split(/\n{2,}/).filter(Boolean).map((part) => html`<p>${inline(part)}</p>`);
}

/** Text with `code` between backticks. */
function inline(text: string | undefined): (string | TemplateResult)[] {
  return (text ?? "").split("`").map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : piece));
}
