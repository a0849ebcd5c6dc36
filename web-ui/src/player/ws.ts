// Pictures over the WebSocket that all players of the page share.

import type { Watcher } from "../client/joined.js";
import { socketFor } from "../client/socket.js";
import type { Start } from "./transport.js";

export const ws: Start = (address, wish, sink) => {
  const socket = socketFor(address.base, address.token, address.id);
  const watcher: Watcher & { wish: typeof wish } = {
    wish,
    onframe: (frame) => sink.frame(frame),
    onstatus: (status) => sink.status(status),
    onerror: (message, code) => sink.error(message, code),
    feedback: () => sink.feedback(),
  };
  const viewing = socket.watch(address.id, watcher);
  return {
    name: "ws",
    counts: true,
    age: (timestamp) => socket.clock.age(timestamp),
    setWish(next) {
      watcher.wish = next;
      viewing.wishChanged();
    },
    stop: () => viewing.leave(),
  };
};
