// The camera of a stream as it is known here: asked for, changed, and told at every change.
// How it looks stands in camera-panel.ts.

import type { Api } from "../../client/rest.js";
import { asApiError } from "../../client/streams.js";
import type { CameraControls, Control, ControlValue } from "../../client/types.js";
import { sentence } from "../../parts/format.js";
import { canSet, toKeep } from "./control.js";
import { Sender } from "./sender.js";

type CameraApi = Pick<Api, "controls" | "setControls" | "resetControls">;

/** Event: `change`, whenever anything that can be read here may have changed. */
export class Camera extends EventTarget {
  readonly #api: CameraApi;
  readonly #id: string;
  readonly #sender: Sender<CameraControls>;
  #known: CameraControls | null = null;
  #failure = "";
  readonly #wrong = new Map<string, { text: string; passing: boolean }>();

  constructor(api: CameraApi, id: string) {
    super();
    this.#api = api;
    this.#id = id;
    this.#sender = new Sender({
      send: (change) => api.setControls(id, change),
      answered: (known) => this.#answered(known),
      failed: (error, change) => {
        const { status, message } = asApiError(error);
        // A refusal holds until something else is wished; a camera or a server that was away comes back.
        const passing = status === 0 || status >= 500;
        for (const name of Object.keys(change)) this.#wrong.set(name, { text: sentence(message), passing });
        this.#told();
        // What is true now: a part of the change may have been made.
        void this.refresh();
      },
    });
  }

  /** As the server told it last; null before the first answer. */
  get known(): CameraControls | null {
    return this.#known;
  }

  /** Whether there is something to be set. */
  get present(): boolean {
    return (this.#known?.controls.length ?? 0) > 0;
  }

  /** Why the camera cannot be asked. */
  get failure(): string {
    return this.#failure;
  }

  /** How many values are kept. */
  get keptCount(): number {
    return Object.keys(this.#known?.kept ?? {}).length;
  }

  /** Whether there is something to be kept. */
  get canKeep(): boolean {
    return this.#known !== null && Object.keys(toKeep(this.#known)).length > 0;
  }

  /** What a control shows: what was set last, even if the camera has not confirmed it yet. */
  shown(control: Control): ControlValue | null {
    const value = this.#sender.pending[control.id];
    if (value === undefined) return control.value;
    return value === null ? control.default : value;
  }

  /** Why the last change of a control failed. */
  wrong(id: string): string {
    return this.#wrong.get(id)?.text ?? "";
  }

  /** `null` is the default. */
  set(id: string, value: ControlValue | null): void {
    this.#wrong.delete(id);
    this.#sender.set(id, value);
    this.#told();
  }

  /** Asks the camera, unless it is being asked already. */
  async refresh(): Promise<void> {
    try {
      await this.#sender.ask(() => this.#api.controls(this.#id));
    } catch (error) {
      const { status, message } = asApiError(error);
      // An older server, or no stream of that name any more: nothing to set.
      if (status === 404) this.#known = null;
      this.#failure = sentence(message);
      this.#told();
    }
  }

  /** Called now and then: values change by themselves while a camera is on automatic. */
  async look(): Promise<void> {
    if (!this.#sender.idle) return;
    await this.refresh();
    if (this.#failure) return;
    for (const [id, { passing }] of this.#wrong) if (passing) this.#wrong.delete(id);
    this.#told();
  }

  /** Keeps all that differs from the defaults, and gives the number of values. */
  async keep(): Promise<number> {
    await this.#sender.ask(() => {
      const change = this.#known ? toKeep(this.#known) : {};
      return this.#api.setControls(this.#id, change, true);
    });
    return this.keptCount;
  }

  /** Sets all to their defaults and keeps none. */
  async reset(): Promise<void> {
    this.#sender.drop();
    await this.#sender.ask(() => this.#api.resetControls(this.#id));
    this.#wrong.clear();
    this.#told();
  }

  #answered(known: CameraControls): void {
    this.#known = known;
    this.#failure = "";
    // What cannot be set any more cannot be wrong any more.
    for (const control of known.controls) if (!canSet(control)) this.#wrong.delete(control.id);
    this.#told();
  }

  #told(): void {
    this.dispatchEvent(new Event("change"));
  }
}
