// The entry of player.js.
export {};
