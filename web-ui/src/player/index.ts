// The entry of player.js: defines the element once, also when two pages' scripts bring it.

import { EyelinePlayer } from "./element.js";

export { EyelinePlayer };
export type { FrameShown, PlayerEventMap, PlayerStats, StateChange, VolumeChange } from "./events.js";
export type { PlayerState } from "./words.js";

if (!customElements.get("eyeline-player")) customElements.define("eyeline-player", EyelinePlayer);

declare global {
  interface HTMLElementTagNameMap {
    "eyeline-player": EyelinePlayer;
  }
}
