// Pictures as multipart MJPEG in an <img>: for where no WebSocket gets through. The browser does
// not tell of each picture, so the figures are the server's.

import { Backoff } from "../client/backoff.js";
import { said } from "../client/wish.js";
import { Api } from "../client/rest.js";
import { Inquiry } from "./inquiry.js";
import type { Start } from "./transport.js";

/** A live stream without a first picture for so long does not get through. */
const PATIENCE_MS = 10_000;

export const mjpeg: Start = (address, wish, sink, { image }) => {
  const api = new Api(address.base, address.token);
  const backoff = new Backoff(500, 8000);
  const path = `streams/${encodeURIComponent(address.id)}/mjpeg`;
  let again: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let shown = false;
  let liveSince: number | null = null;

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
    inquiry.tell();
  };
  image.onerror = () => {
    if (!stopped) later();
  };

  const inquiry = new Inquiry(api, address.id, {
    seen: () => ({ shown, cut: false }),
    status: (status) => sink.status(status),
    told(info, before) {
      if (info && before && before.start_time !== info.start_time) begin();
      // A picture that broke off says nothing by itself.
      if (shown && image.complete && image.naturalWidth === 0) later();
      if (shown || info?.state !== "live") liveSince = null;
      else liveSince ??= Date.now();
      if (liveSince !== null && Date.now() - liveSince > PATIENCE_MS) {
        liveSince = null;
        sink.unfit("No picture comes by MJPEG");
      }
    },
  });
  begin();

  return {
    name: "mjpeg",
    counts: false,
    age: () => null,
    setWish(next) {
      wish = next;
      begin();
    },
    stop() {
      stopped = true;
      clearTimeout(again);
      inquiry.stop();
      image.onload = image.onerror = null;
      image.removeAttribute("src");
    },
  };
};
