// `<e-settings open .info=…>`: what the stream is for everybody, and the end of it.

import { LitElement, css, html } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { asApiError } from "../../client/streams.js";
import type { StreamChange, StreamInfo } from "../../client/types.js";
import { confirm } from "../../parts/dialog.js";
import { plural, sentence, title } from "../../parts/format.js";
import { icon } from "../../parts/icons.js";
import { api, base } from "../../parts/server.js";
import { controls } from "../../parts/styles.js";
import { say } from "../../parts/toast.js";
import { change } from "./change.js";

const SIZES = ["640x480", "1280x720", "1920x1080"];

@customElement("e-settings")
export class Settings extends LitElement {
  @property({ type: Boolean }) open = false;
  @property({ attribute: false }) info: StreamInfo | null = null;
  @state() private failure = "";
  @state() private busy = false;
  /** As it stood when the dialog opened: what is typed is not overwritten by news. */
  @state() private held: StreamInfo | null = null;
  @query("form") private form!: HTMLFormElement;

  static override styles = [
    controls,
    css`
      form {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--space-3);
      }
      .all {
        grid-column: 1 / -1;
      }
      p.all:not(.wrong) {
        color: var(--quiet);
        font-size: var(--text-small);
      }
      .source {
        font: var(--text-small) / 1.5 var(--mono);
      }
      .danger {
        margin-right: auto;
      }
    `,
  ];

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("open") && this.open) {
      this.held = this.info;
      this.failure = "";
    }
  }

  override render() {
    const info = this.held;
    return html`<e-dialog heading="Stream settings" ?open=${this.open} @close=${this.#closed}>
      ${info ? this.#fields(info) : ""}
      <button slot="actions" type="button" class="danger" ?disabled=${this.busy} @click=${this.#stop}>
        ${icon("stop")} Stop stream
      </button>
      <button slot="actions" type="button" @click=${this.#closed}>Cancel</button>
      <button slot="actions" type="button" class="primary" ?disabled=${this.busy} @click=${this.#save}>
        ${this.busy ? "Saving…" : "Save"}
      </button>
    </e-dialog>`;
  }

  #fields(info: StreamInfo) {
    const { settings, requested = {} } = info;
    const size = settings.width ? `${settings.width}x${settings.height}` : "as the source";
    const demand = info.on_demand === null || info.on_demand === undefined ? "" : String(info.on_demand);
    return html`<form @submit=${this.#save}>
      <p class="all">For everybody who watches; it takes effect at once, and viewers stay.</p>
      ${field("Name", html`<input name="name" autofocus maxlength="80" placeholder=${info.stream_id} .value=${info.name ?? ""} />`)}
      ${field(
        "Default quality",
        html`<select name="quality">
          ${[
            ["", "As the source"],
            ["high", "High, 720p"],
            ["medium", "Medium, 480p"],
            ["low", "Low, 320p"],
          ].map(
            ([value, label]) =>
              html`<option value=${value ?? ""} ?selected=${(requested.quality ?? "") === value}>${label}</option>`,
          )}
        </select>`,
      )}
      <label class="field all">
        <span>Source</span>
        <input class="source" name="source" spellcheck="false" autocomplete="off" .value=${info.source} />
      </label>
      ${field(
        "Size",
        html`<input name="size" list="sizes" pattern="\\d+x\\d+" placeholder=${size} .value=${requested.size ?? ""} />
          <datalist id="sizes">${SIZES.map((one) => html`<option value=${one}></option>`)}</datalist>`,
      )}
      ${field(
        "Rate, fps",
        html`<input name="fps" type="number" min="1" max="120" placeholder=${settings.fps ?? "as the source"} .value=${String(requested.fps ?? "")} />`,
      )}
      ${field(
        "JPEG quality, 1–100",
        html`<input name="jpeg_quality" type="number" min="1" max="100" placeholder=${settings.jpeg_quality ?? "as the source"} .value=${String(requested.jpeg_quality ?? "")} />`,
      )}
      ${field(
        "The source runs",
        html`<select name="on_demand">
          ${[
            ["", "As the server is set"],
            ["false", "Always"],
            ["true", "Only while somebody watches"],
          ].map(([value, label]) => html`<option value=${value ?? ""} ?selected=${demand === value}>${label}</option>`)}
        </select>`,
      )}
      ${info.kept === false && info.origin !== "configuration" ? html`<p class="all">This stream is not kept: it is gone when the server restarts.</p>` : ""}
      ${
        info.origin === "configuration"
          ? html`<p class="all">This stream stands in the server's configuration, which counts again after a restart.</p>`
          : ""
      }
      <p class="all wrong" role="alert" ?hidden=${!this.failure}>${this.failure}</p>
      <button type="submit" hidden></button>
    </form>`;
  }

  readonly #closed = () => {
    this.dispatchEvent(new Event("close"));
  };

  readonly #save = async (event: Event) => {
    event.preventDefault();
    const info = this.held;
    if (!info || !this.form.reportValidity()) return;
    const wanted: StreamChange = change(info, new FormData(this.form));
    if (Object.keys(wanted).length === 0) {
      this.#closed();
      return;
    }
    this.busy = true;
    try {
      await api.change(info.stream_id, wanted);
      say("Saved.");
      this.#closed();
    } catch (error) {
      this.failure = sentence(asApiError(error).message);
    } finally {
      this.busy = false;
    }
  };

  readonly #stop = async () => {
    const info = this.held;
    if (!info) return;
    const watching = info.viewer_count > 0 ? `${plural(info.viewer_count, "viewer")} will lose the picture. ` : "";
    const text = `${watching}The stream is removed from this server; its source stays where it is.`;
    if (!(await confirm(`Stop ${title(info)}?`, text, "Stop stream"))) return;
    this.busy = true;
    try {
      await api.stop(info.stream_id);
      location.assign(base);
    } catch (error) {
      this.failure = sentence(asApiError(error).message);
    } finally {
      this.busy = false;
    }
  };
}

function field(label: string, input: unknown) {
  return html`<label class="field"><span>${label}</span>${input}</label>`;
}

declare global {
  interface HTMLElementTagNameMap {
    "e-settings": Settings;
  }
}
