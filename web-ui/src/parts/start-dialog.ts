// `<e-start-dialog>`: starts a stream from a source of this machine, from a URL, or from the visitor's
// own browser. Event: `started`, with the stream's id in `detail`.

import { LitElement, html, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { asApiError } from "../client/streams.js";
import type { Source, SourceKind, StreamInfo } from "../client/types.js";
import { idFrom } from "../publish/message.js";
import { PublishError, Publisher, publishers } from "../publish/publisher.js";
import "./dialog.js";
import { title } from "./format.js";
import { icon, type IconName } from "./icons.js";
import { api, base } from "./server.js";
import type { Capture } from "./start-capture.js";
import "./start-capture.js";
import { examples } from "./start-examples.js";
import { QUALITIES, fieldStyles, nameFields, qualityFields, selectField, textField, type Filling } from "./start-fields.js";
import { EMPTY, check, firstFree, freeId, placeError, request, said, shownBy, type Errors, type Field, type Form } from "./start-form.js";
import { startStyles } from "./start-style.js";
import { controls } from "./styles.js";
import { say } from "./toast.js";

export type Tab = "machine" | "url" | "browser";

const TABS: { tab: Tab; label: string; icon: IconName }[] = [
  { tab: "machine", label: "This machine", icon: "terminal" },
  { tab: "url", label: "Address", icon: "share" },
  { tab: "browser", label: "This browser", icon: "camera" },
];
const ID_HINT = "Part of the address. Letters, digits, “-”, “_”, “.”";

@customElement("e-start-dialog")
export class StartDialog extends LitElement implements Filling {
  /** Those there are already, so that another id is proposed, and another camera. */
  @property({ attribute: false }) streams: StreamInfo[] = [];
  @state() form: Form = EMPTY;
  @state() errors: Errors = {};
  @state() private tab: Tab = "machine";
  @state() private open = false;
  @state() private busy = false;
  @state() private sources: Source[] | null = null;
  @state() private kinds: SourceKind[] = [];
  @state() private captured = false;
  @query("e-capture") private capture!: Capture | null;

  static override styles = [controls, fieldStyles, startStyles];

  show(tab: Tab = "machine"): void {
    this.form = { ...EMPTY };
    this.errors = {};
    this.open = true;
    this.#switch(tab);
  }

  set<Name extends Field>(name: Name, value: Form[Name]): void {
    this.form = { ...this.form, [name]: value };
    const { [name]: _, form: __, ...rest } = this.errors;
    this.errors = rest;
  }

  override render() {
    return html`<e-dialog heading="Start a stream" ?open=${this.open} @close=${this.#closed}>
      ${this.open
        ? html`<div class="tabs" role="tablist" aria-label="Where the pictures come from" @keydown=${this.#tabKeys}>
              ${TABS.map((one) => this.#tabButton(one))}
            </div>
            <form id="form" role="tabpanel" aria-labelledby="tab-${this.tab}" novalidate @submit=${this.#submit}>
              ${this.#panel()}
              ${this.errors.form ? html`<p class="wrong" role="alert">${said(this.errors.form)}</p>` : nothing}
            </form>`
        : nothing}
      <button slot="actions" type="button" @click=${this.#cancel}>Cancel</button>
      <button slot="actions" class="primary" form="form" ?disabled=${this.busy || !this.#possible}>
        ${this.busy ? "Starting…" : this.tab === "browser" ? "Publish" : "Start stream"}
      </button>
    </e-dialog>`;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("errors" as keyof StartDialog) && Object.keys(this.errors).length > 0 && !this.busy) {
      const wrong = this.renderRoot.querySelector<HTMLElement>(".field[data-wrong] :is(input, select)");
      wrong?.closest("details")?.setAttribute("open", "");
      if (changed.has("busy" as keyof StartDialog)) wrong?.focus({ preventScroll: true });
      wrong?.closest(".field")?.scrollIntoView({ block: "nearest" });
    }
  }

  get #possible(): boolean {
    if (this.tab === "machine") return this.form.source !== "";
    return this.tab !== "browser" || this.captured;
  }

  #tabButton({ tab, label, icon: glyph }: (typeof TABS)[number]) {
    const chosen = tab === this.tab;
    return html`<button
      type="button"
      id="tab-${tab}"
      role="tab"
      aria-selected=${chosen}
      tabindex=${chosen ? 0 : -1}
      @click=${() => this.#switch(tab)}
    >
      ${icon(glyph)}${label}
    </button>`;
  }

  #panel() {
    switch (this.tab) {
      case "machine":
        return html`${this.#machine()}${this.#more(true)}`;
      case "url":
        return html`<div class="fields">
            ${textField(this, "source", { label: "Source", placeholder: "http://192.168.1.20/video.mjpg", whole: true })}
          </div>
          <ul class="examples" aria-label="Examples">
            ${examples(this.kinds).map(
              ({ source, what }) => html`<li>
                <button type="button" class="plain" @click=${() => this.set("source", source)}>
                  <code>${source}</code><span class="quiet small">${what}</span>
                </button>
              </li>`,
            )}
          </ul>
          <div class="fields">${nameFields(this, `${ID_HINT}. Chosen for you if left empty.`)}</div>
          ${this.#more(false)}`;
      case "browser":
        return html`<e-capture
            .quality=${this.form.quality || "high"}
            .fps=${Number(this.form.fps) || null}
            @change=${this.#pictured}
          ></e-capture>
          <div class="fields">
            ${nameFields(this, `${ID_HINT}.`)}
            ${selectField(this, "quality", { label: "Quality" }, [["source", "As the camera is"], ...QUALITIES])}
            ${textField(this, "fps", { label: "Pictures a second (fps)", type: "number", least: 1, most: 120, placeholder: "As the camera" })}
            ${textField(this, "jpeg_quality", { label: "JPEG quality", type: "number", least: 1, most: 100, placeholder: "80", hint: "50 small, 80 usual, 95 fine" })}
          </div>
          <p class="quiet small">It is published while this page stays open.</p>`;
    }
  }

  #machine() {
    if (!this.sources) {
      return html`<p class="quiet">${this.errors.form ? "" : "Asking the server which cameras it has…"}</p>`;
    }
    const cameras = this.sources.filter((one) => !one.source.startsWith("test:"));
    return html`${cameras.length > 0
        ? nothing
        : html`<p class="hint">
            No camera was found on the machine that Eyeline runs on. Plug one in and
            <button type="button" class="link" @click=${this.#ask}>look again</button>, or show one from elsewhere by its
            <button type="button" class="link" @click=${() => this.#switch("url")}>address</button> or from
            <button type="button" class="link" @click=${() => this.#switch("browser")}>this browser</button>.
          </p>`}
      <div class="sources" role="radiogroup" aria-label="Source">
        ${this.sources.map(
          (one) => html`<label>
            <input type="radio" name="source" value=${one.source} .checked=${this.form.source === one.source} @change=${() => this.set("source", one.source)} />
            <span><b>${one.name}</b><code class="quiet">${one.source}</code></span>
            ${this.#about(one)}
          </label>`,
        )}
      </div>
      ${this.errors.source ? html`<p class="wrong" role="alert">${said(this.errors.source)}</p>` : nothing}`;
  }

  #about(one: Source) {
    const shown = shownBy(one.source, this.streams);
    if (!shown) return one.hint ? html`<span class="quiet small">${one.hint}</span>` : nothing;
    return html`<span class="quiet small">Shown already, as “${title(shown)}”</span>`;
  }

  #more(named: boolean) {
    const demand: [string, string][] = [
      ["", "As usual for the source"],
      ["yes", "Only while somebody watches"],
      ["no", "Always"],
    ];
    return html`<details>
      <summary>${named ? "Name, quality and rate" : "Quality and rate"}</summary>
      <div class="fields">
        ${named ? nameFields(this, `${ID_HINT}. Chosen for you if left empty.`) : nothing} ${qualityFields(this)}
        ${selectField(this, "on_demand", { label: "Open the source" }, demand)}
      </div>
    </details>`;
  }

  #switch(tab: Tab): void {
    this.tab = tab;
    this.errors = {};
    this.captured = false;
    const source = tab === "machine" ? firstFree(this.sources ?? [], this.streams) : "";
    this.form = { ...this.form, source, quality: tab === "browser" ? "high" : "" };
    if (tab === "machine" || this.kinds.length === 0) void this.#ask();
  }

  readonly #tabKeys = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = TABS.findIndex((one) => one.tab === this.tab);
    const next = TABS[(at + step + TABS.length) % TABS.length];
    if (!next) return;
    this.#switch(next.tab);
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#tab-${next.tab}`)?.focus());
  };

  readonly #ask = async () => {
    try {
      const { sources, kinds } = await api.sources();
      this.sources = sources;
      this.kinds = kinds ?? [];
      if (this.tab === "machine" && !this.form.source) this.set("source", firstFree(sources, this.streams));
    } catch (error) {
      if (this.tab === "machine") this.errors = { form: asApiError(error).message };
    }
  };

  readonly #pictured = () => {
    const { capture } = this;
    this.captured = capture?.ready ?? false;
    if (!this.captured || this.form.id) return;
    const label = capture?.kind === "screen" ? "screen" : "camera";
    this.set("id", freeId(idFrom(label), this.streams.map((one) => one.stream_id)));
  };

  readonly #submit = async (event: Event) => {
    event.preventDefault();
    const browser = this.tab === "browser";
    this.errors = check(this.form, { source: !browser, id: browser });
    if (Object.keys(this.errors).length > 0 || this.busy) return;
    this.busy = true;
    try {
      const id = browser ? await this.#publish() : await this.#start();
      this.open = false;
      this.dispatchEvent(new CustomEvent("started", { detail: id }));
    } catch (error) {
      const { code, message } = error instanceof PublishError ? error : asApiError(error);
      this.errors = placeError(code, message);
    } finally {
      this.busy = false;
    }
  };

  async #start(): Promise<string> {
    const info = await api.start(request(this.form));
    say(said(info.message ?? `${info.stream_id} was made`));
    return info.stream_id;
  }

  async #publish(): Promise<string> {
    const media = this.capture?.copy();
    if (!media) throw new PublishError("There is no picture yet.", "");
    const { id, name, quality, fps, jpeg_quality } = this.form;
    const settings = {
      id: id.trim(),
      name: name.trim() || null,
      quality: quality || ("high" as const),
      fps: Number(fps) || null,
      jpegQuality: Number(jpeg_quality) || 80,
    };
    const publisher = await new Publisher(base, settings, media).started();
    publishers.add(publisher);
    return settings.id;
  }

  readonly #cancel = () => {
    this.open = false;
  };

  readonly #closed = () => {
    this.capture?.close();
    this.open = false;
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "e-start-dialog": StartDialog;
  }
}
