// One small set of icons, drawn on a 16 px grid with a 1.5 px line. Each is path data; every
// use has a text label or a tooltip beside it.

import { html, svg, type TemplateResult } from "lit";
import * as paths from "./icon-paths.js";

export type IconName = keyof typeof paths;

export function icon(name: IconName): TemplateResult {
  return html`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
    ${svg`<path d=${paths[name]}></path>`}
  </svg>`;
}

/** The mark of the program. */
export function mark(): TemplateResult {
  return html`<svg class="mark" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">
    <path d="M2 12c2.5-4.500 6-7 10-7s7.500 2.500 10 7c-2.500 4.500-6 7-10 7s-7.500-2.500-10-7z"></path>
    <circle cx="12" cy="12" r="3" fill="currentColor" stroke="none"></circle>
  </svg>`;
}
