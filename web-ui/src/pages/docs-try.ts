// `<e-try>`: fills in an operation's parameters and body, shows it as a command, sends it, shows the answer.

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../parts/copy.js";
import { confirm } from "../parts/dialog.js";
import { icon } from "../parts/icons.js";
import { base } from "../parts/server.js";
import { controls } from "../parts/styles.js";
import { address, curl, limits, sample, typeWords, type Description, type Operation } from "./docs-model.js";

const SHOWN_MOST = 40_000;

/** Bodies that do something when they are sent as they are; others are made of the schema. */
const BODIES: Record<string, unknown> = {
  create_stream: { id: "front", source: "test:?size=1280x720&fps=30" },
  put_stream: { source: "test:?size=1280x720&fps=30" },
  change_stream: { quality: "medium" },
};

interface Outcome {
  status: string;
  good: boolean;
  text: string;
}

@customElement("e-try")
export class Try extends LitElement {
  @property({ attribute: false }) api!: Description;
  @property({ attribute: false }) operation!: Operation;
  @state() private values: Record<string, string> = {};
  @state() private body: string | null = null;
  @state() private outcome: Outcome | null = null;
  @state() private running: AbortController | null = null;

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: var(--space-3);
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 220px), 1fr));
        gap: var(--space-3);
      }
      textarea {
        min-height: 120px;
        font: var(--text-small) / 1.5 var(--mono);
        resize: vertical;
      }
      .command {
        display: flex;
        align-items: flex-start;
        gap: var(--space-2);
      }
      .command code {
        flex: 1;
        min-width: 0;
      }
      .answer {
        max-height: 420px;
        margin: 0;
        overflow: auto;
        user-select: text;
      }
      .status[data-good] {
        color: var(--accent);
      }
      .status {
        color: var(--failure);
        font-weight: 600;
      }
    `,
  ];

  override disconnectedCallback(): void {
    this.running?.abort();
    super.disconnectedCallback();
  }

  override render() {
    const { operation } = this;
    const command = curl(operation, this.#url.href, this.#body);
    return html`${operation.parameters.length > 0
        ? html`<div class="fields">${operation.parameters.map((one) => this.#field(one.name, limits(one.schema ?? {}) || typeWords(one.schema ?? {}), one.in === "path"))}</div>`
        : nothing}
      ${operation.body
        ? html`<label class="field">
            <span>Body, ${operation.body.type}</span>
            <textarea spellcheck="false" .value=${this.#body ?? ""} @input=${(event: Event) => (this.body = (event.target as HTMLTextAreaElement).value)}></textarea>
          </label>`
        : nothing}
      <div class="command"><code class="block">${command}</code><e-copy .text=${command} label="Copy"></e-copy></div>
      <div class="row">
        ${this.running
          ? html`<button type="button" @click=${this.#stop}>${icon("stop")}Stop</button>`
          : html`<button type="button" class=${operation.method === "DELETE" ? "danger" : "primary"} @click=${this.#send}>
              ${operation.endless ? "Listen" : "Try it"}
            </button>`}
        ${this.outcome ? html`<span class="status" role="status" ?data-good=${this.outcome.good}>${this.outcome.status}</span>` : nothing}
      </div>
      ${this.outcome?.text ? html`<pre class="answer"><code class="block">${this.outcome.text}</code></pre>` : nothing}`;
  }

  #field(name: string, hint: string, required: boolean) {
    return html`<label class="field">
      <span>${name}${required ? "" : ", optional"}</span>
      <input autocomplete="off" spellcheck="false" placeholder=${hint} .value=${this.values[name] ?? ""} @input=${(event: Event) => (this.values = { ...this.values, [name]: (event.target as HTMLInputElement).value })} />
    </label>`;
  }

  get #url(): URL {
    return new URL(address(this.operation, this.values), base);
  }

  get #body(): string | null {
    if (!this.operation.body) return null;
    const first = BODIES[this.operation.id] ?? sample(this.api, this.operation.body.schema);
    return this.body ?? JSON.stringify(first, null, 2);
  }

  readonly #stop = () => this.running?.abort();

  readonly #send = async () => {
    const { operation } = this;
    const missing = operation.parameters.find((one) => one.in === "path" && !this.values[one.name]);
    if (missing) return this.#tell("", false, `Fill in ${missing.name} first.`);
    if (operation.method === "DELETE" && !(await confirm(`${operation.method} ${this.#url.pathname}?`, operation.summary, "Do it"))) return;
    const running = new AbortController();
    this.running = running;
    this.outcome = null;
    const began = performance.now();
    try {
      const headers: Record<string, string> = operation.body ? { "Content-Type": operation.body.type } : {};
      const response = await fetch(this.#url, { method: operation.method, headers, body: this.#body, signal: running.signal, cache: "no-store" });
      const said = `${response.status} ${response.statusText}`.trim();
      const done = () => `${said} · ${Math.round(performance.now() - began)} ms`;
      await this.#read(response, (text, ended) => this.#tell(text, response.ok, ended ? done() : said));
    } catch (error) {
      const { text = "", good = false, status = "" } = (this.outcome as Outcome | null) ?? {};
      if (running.signal.aborted) this.#tell(text, good, `${status} · stopped`);
      else this.#tell("", false, error instanceof Error ? `No answer: ${error.message}` : "No answer");
    } finally {
      this.running = null;
    }
  };

  /** Shows what comes as it comes: an answer may have no end. */
  async #read(response: Response, show: (text: string, ended: boolean) => void): Promise<void> {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    show(text, false);
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
      if (done) break;
      text = (text + value).slice(-SHOWN_MOST);
      show(text, false);
    }
    show(pretty(text), true);
  }

  #tell(text: string, good: boolean, status: string): void {
    this.outcome = { text, good, status };
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "e-try": Try;
  }
}
