// What the wall says in place of tiles, or above them.

import { html, nothing, type TemplateResult } from "lit";
import type { ApiError } from "../client/rest.js";
import type { Known } from "../client/streams.js";
import { sentence } from "../parts/format.js";

/** Why what is shown is old. */
export function oldNotice({ error, streams }: Known): TemplateResult | typeof nothing {
  return error && streams.length > 0 ? html`<p class="notice" role="alert">${failure(error).text}</p>` : nothing;
}

/** Before the first answer: what is waited for, or why there is none. */
export function nothingYet(error: ApiError | null): TemplateResult {
  if (!error) return html`<p class="words quiet later">Asking the server for its streams…</p>`;
  const { title, text, denied } = failure(error);
  return html`<div class="words" role="alert">
    <h2>${title}</h2>
    <p class="quiet">${text}</p>
    ${denied ? html`<button type="button" class="primary" @click=${() => location.reload()}>Enter the token</button>` : nothing}
  </div>`;
}

export function nothingFound(filter: string, all: number, showAll: () => void): TemplateResult {
  return html`<div class="words">
    <h2>No stream matches “${filter}”</h2>
    <p class="quiet">The filter looks at names, ids, sources and states.</p>
    <button type="button" @click=${showAll}>Show all ${all}</button>
  </div>`;
}

function failure(error: ApiError): { title: string; text: string; denied: boolean } {
  const denied = error.status === 401 || error.status === 403;
  return denied
    ? { denied, title: "Not let in", text: "Open the link again that Eyeline printed at its start: its token is missing here, or no longer right." }
    : { denied, title: "No connection", text: `${sentence(error.message)} Trying again every 2 s.` };
}
