// Drags tiles by mouse, pen or, after a long press, finger. Knows pointers, not streams: what it finds
// goes to `actions`.

const FAR_ENOUGH_PX = 6;
const LONG_PRESS_MS = 400;

export interface DragActions {
  /** A tile was taken. */
  begin(id: string): void;
  /** It is over this point of the stage, and this far from where it was taken. */
  over(id: string, x: number, y: number, dx: number, dy: number): void;
  /** Let go; false if it was called off. */
  end(id: string, done: boolean): void;
}

interface Held {
  id: string;
  pointer: number;
  element: HTMLElement;
  x: number;
  y: number;
  moving: boolean;
  timer: number;
}

export class Drag {
  #held: Held | null = null;
  /** The click that follows a drag is none. */
  #swallow = false;

  constructor(
    private readonly stage: () => HTMLElement | null,
    private readonly actions: DragActions,
  ) {}

  readonly down = (event: PointerEvent, id: string) => {
    this.#swallow = false;
    if (event.button !== 0 || this.#held) return;
    const onTool = event.composedPath().some((one) => one instanceof HTMLElement && one.matches(".tools"));
    if (onTool) return;
    const element = event.currentTarget as HTMLElement;
    const held: Held = { id, pointer: event.pointerId, element, x: event.clientX, y: event.clientY, moving: false, timer: 0 };
    if (event.pointerType === "touch") {
      held.timer = window.setTimeout(() => this.#take(held), LONG_PRESS_MS);
    }
    this.#held = held;
    document.addEventListener("pointermove", this.#move);
    document.addEventListener("pointerup", this.#up);
    document.addEventListener("pointercancel", this.#cancel);
    document.addEventListener("keydown", this.#key, true);
    document.addEventListener("touchmove", this.#touch, { passive: false });
    document.addEventListener("contextmenu", this.#menu);
  };

  /** True once after a drag: the click belongs to it. */
  tookClick(): boolean {
    const took = this.#swallow;
    this.#swallow = false;
    return took;
  }

  #take(held: Held): void {
    held.moving = true;
    this.#swallow = true;
    // Keeps the pointer also outside of the window.
    held.element.setPointerCapture?.(held.pointer);
    this.actions.begin(held.id);
  }

  readonly #move = (event: PointerEvent) => {
    const held = this.#held;
    if (!held || event.pointerId !== held.pointer) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.moving) {
      if (Math.hypot(dx, dy) < FAR_ENOUGH_PX) return;
      // A finger that moves before the long press scrolls.
      if (event.pointerType === "touch") return this.#drop(false);
      this.#take(held);
    }
    const box = this.stage()?.getBoundingClientRect();
    if (box) this.actions.over(held.id, event.clientX - box.left, event.clientY - box.top, dx, dy);
  };

  readonly #up = () => this.#drop(true);
  readonly #cancel = () => this.#drop(false);

  readonly #key = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !this.#held?.moving) return;
    event.stopPropagation();
    this.#drop(false);
  };

  /** While a tile is moved by finger, the page does not scroll. */
  readonly #touch = (event: TouchEvent) => {
    if (this.#held?.moving) event.preventDefault();
  };

  /** A long press moves a tile; it does not open the browser's menu for links. */
  readonly #menu = (event: Event) => {
    if (this.#held?.timer) event.preventDefault();
  };

  #drop(done: boolean): void {
    const held = this.#held;
    this.#held = null;
    document.removeEventListener("pointermove", this.#move);
    document.removeEventListener("pointerup", this.#up);
    document.removeEventListener("pointercancel", this.#cancel);
    document.removeEventListener("keydown", this.#key, true);
    document.removeEventListener("touchmove", this.#touch);
    document.removeEventListener("contextmenu", this.#menu);
    if (!held) return;
    clearTimeout(held.timer);
    if (held.moving) this.actions.end(held.id, done);
  }
}
