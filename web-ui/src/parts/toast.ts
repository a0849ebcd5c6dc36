// `say("Saved")`: a line at the bottom that goes by itself and is read out.

const SHOWN_MS = 4000;
const FAILURE_SHOWN_MS = 8000;

let shelf: HTMLElement | null = null;

export function say(text: string, kind: "done" | "failure" = "done"): void {
  if (!shelf) {
    shelf = document.createElement("div");
    shelf.className = "toasts";
    shelf.setAttribute("role", "status");
    document.body.append(shelf);
  }
  const line = document.createElement("p");
  line.className = `toast ${kind}`;
  line.textContent = text;
  shelf.replaceChildren(line);
  setTimeout(() => line.remove(), kind === "failure" ? FAILURE_SHOWN_MS : SHOWN_MS);
}
