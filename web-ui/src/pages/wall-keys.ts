// What a key means on the wall. None, while something is typed or a dialog is open.

export type Key =
  | { do: "filter" }
  | { do: "leave-filter" }
  | { do: "place"; place: number }
  | { do: "go"; direction: "left" | "right" | "up" | "down" }
  | { do: "move"; by: -1 | 1 }
  | { do: "full" }
  | { do: "big" };

const ARROWS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;

type Pressed = Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "defaultPrevented" | "composedPath">;

export function keyOf(event: Pressed): Key | null {
  const path = event.composedPath() as Partial<HTMLElement>[];
  const names = path.map((one) => one.localName ?? "");
  if (event.defaultPrevented || event.ctrlKey || event.metaKey) return null;
  if (names.some((name) => name === "dialog" || name === "e-start-dialog")) return null;
  const typing = ["input", "textarea", "select"].includes(names[0] ?? "");
  if (typing) return event.key === "Escape" ? { do: "leave-filter" } : null;
  // An open menu has its own arrows.
  if (names.includes("e-menu")) return null;
  const arrow = ARROWS[event.key as keyof typeof ARROWS];
  if (arrow && event.altKey) return { do: "move", by: arrow === "left" || arrow === "up" ? -1 : 1 };
  if (event.altKey) return null;
  if (arrow) return { do: "go", direction: arrow };
  if (/^[1-9]$/.test(event.key)) return { do: "place", place: Number(event.key) };
  if (event.key === "/") return { do: "filter" };
  if (event.key === "f") return { do: "full" };
  if (event.key === "b") return { do: "big" };
  return null;
}
