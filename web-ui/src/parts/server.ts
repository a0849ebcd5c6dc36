// The server of this page: found from where the page stands, so that it works below any
// path that a proxy puts in front.

import { Api } from "../client/rest.js";
import { Events } from "../client/events.js";

/** The root of the server, with its last slash. */
export const base = new URL(document.documentElement.dataset.base ?? "./", document.baseURI);
base.search = "";
base.hash = "";

export const api = new Api(base);
export const events = new Events(new URL("api/events", base));
