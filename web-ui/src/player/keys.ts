// What a key means on the player. None, while a choice is made or a button is pressed by it.

export type PlayerKey = "toggle" | "full" | "snapshot" | "sound";

type Pressed = Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "composedPath">;

const KEYS: Record<string, PlayerKey> = { " ": "toggle", f: "full", s: "snapshot", m: "sound" };

export function playerKeyOf(event: Pressed): PlayerKey | null {
  const at = (event.composedPath()[0] as Partial<HTMLElement> | undefined)?.localName;
  if (at === "select" || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (at === "button" && event.key === " ") return null;
  return KEYS[event.key] ?? null;
}
