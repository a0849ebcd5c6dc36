// The shared look as a constructed style sheet: `static styles = [controls, css`…`]`.

import { unsafeCSS } from "lit";
import text from "../controls.css?inline";

export const controls = unsafeCSS(text);
