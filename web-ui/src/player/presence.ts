// Whether an element is to be seen: on the screen, in a page that is not hidden.

/** Scrolled past quickly, or a glance at another tab: not worth leaving. */
const LEAVE_AFTER_MS = 600;
const MARGIN = "80px";

export class Presence {
  /** Follows what is so at once when it comes into view, and a little later when it goes. */
  seen = false;
  /** The browser has told where the element is. */
  known = false;
  #onScreen = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #observer: IntersectionObserver | null = null;

  constructor(
    private readonly element: Element,
    private readonly onchange: () => void,
  ) {}

  begin(): void {
    this.#observer = new IntersectionObserver(
      (entries) => {
        this.#onScreen = entries[entries.length - 1]?.isIntersecting ?? false;
        this.#update();
        if (!this.known) {
          this.known = true;
          this.onchange();
        }
      },
      { rootMargin: MARGIN },
    );
    this.#observer.observe(this.element);
    document.addEventListener("visibilitychange", this.#turned);
  }

  /** Whether the page is to be seen, wherever in it the element is. */
  get pageShown(): boolean {
    return document.visibilityState !== "hidden";
  }

  end(): void {
    this.#observer?.disconnect();
    this.#observer = null;
    document.removeEventListener("visibilitychange", this.#turned);
    clearTimeout(this.#timer);
    this.#onScreen = this.seen = this.known = false;
  }

  readonly #turned = () => {
    this.#update();
    this.onchange();
  };

  readonly #update = () => {
    const now = this.#onScreen && this.pageShown;
    clearTimeout(this.#timer);
    if (now === this.seen) return;
    if (now) this.#set(true);
    else this.#timer = setTimeout(() => this.#set(false), LEAVE_AFTER_MS);
  };

  #set(seen: boolean): void {
    this.seen = seen;
    this.onchange();
  }
}
