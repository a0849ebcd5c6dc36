// Pictures as multipart MJPEG in an <img>: for where no WebSocket gets through. The browser does
// not tell of each picture, so the figures are the server's.

import { Backoff } from "../client/backoff.js";
import { status } from "../client/status.js";
import { said } from "../client/wish.js";
import { Api, ApiError } from "../client/rest.js";
import type { StreamInfo } from "../client/types.js";
import type { Start } from "./transport.js";

const ASK_EVERY_MS = 2000;

export const mjpeg: Start = (address, wish, sink, { image }) => {
  const api = new Api(address.base, address.token);
  const backoff = new Backoff(500, 8000);
  const path = `streams/${encodeURIComponent(address.id)}/mjpeg`;
  let again: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let info: StreamInfo | null = null;
  let shown = false;

  const begin = () => {
    clearTimeout(again);
    shown = false;
    // A browser joins equal addresses into one; a broken one would stay broken.
    image.src = api.url(path, { ...said(wish), _: Date.now().toString(36) }).href;
  };
  const later = () => {
    shown = false;
    clearTimeout(again);
    again = setTimeout(begin, backoff.next());
  };
  image.onload = () => {
    shown = true;
    backoff.reset();
    tell();
  };
  image.onerror = () => {
    if (!stopped) later();
  };

  const tell = (failure: ApiError | null = null) => {
    const next = status("waiting", null);
    next.info = info;
    if (failure?.status === 401 || failure?.status === 403) next.phase = "denied";
    else if (failure?.status === 404) next.phase = "unknown";
    // From another site only the picture can be seen, not what is said of it.
    else if (failure && !shown) next.phase = "reconnecting";
    else if (info?.state === "away") next.phase = "away";
    else if (shown) next.phase = "live";
    next.reason = next.phase === "away" ? (info?.reason ?? null) : (failure?.message ?? null);
    if (next.phase === "away" && info?.state_since) next.since = Date.parse(info.state_since);
    sink.status(next);
  };

  const ask = async () => {
    let failure: ApiError | null = null;
    try {
      const before = info;
      info = await api.stream(address.id);
      if (before && before.start_time !== info.start_time) begin();
    } catch (error) {
      failure = error instanceof ApiError ? error : null;
    }
    if (stopped) return;
    // A picture that broke off says nothing by itself.
    if (shown && image.complete && image.naturalWidth === 0) later();
    tell(failure);
  };
  const timer = setInterval(() => void ask(), ASK_EVERY_MS);
  begin();
  void ask();

  return {
    name: "mjpeg",
    age: () => null,
    setWish(next) {
      wish = next;
      begin();
    },
    stop() {
      stopped = true;
      clearTimeout(again);
      clearInterval(timer);
      image.onload = image.onerror = null;
      image.removeAttribute("src");
    },
  };
};
