// Sends values that change faster than they can be sent: one message under way at a time, and
// always the newest values last. A slider that is dragged gives a hundred values a second.

import type { ControlChange, ControlValue } from "../../client/types.js";

export interface Sending<Answer> {
  send(change: ControlChange): Promise<Answer>;
  answered(answer: Answer): void;
  /** `change` holds what failed, without what has a newer value waiting. */
  failed(error: unknown, change: ControlChange): void;
}

export class Sender<Answer> {
  readonly #to: Sending<Answer>;
  #waiting: ControlChange = {};
  #sent: ControlChange = {};
  #jobs: (() => Promise<void>)[] = [];
  #busy = false;

  constructor(to: Sending<Answer>) {
    this.#to = to;
  }

  /** What was set and not answered yet. */
  get pending(): ControlChange {
    return { ...this.#sent, ...this.#waiting };
  }

  get idle(): boolean {
    return !this.#busy;
  }

  set(id: string, value: ControlValue | null): void {
    this.#waiting[id] = value;
    void this.#work();
  }

  /** Asks for something else, when all that was set before has been sent. */
  ask(job: () => Promise<Answer>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(() => job().then((answer) => this.#to.answered(answer)).then(resolve, reject));
      void this.#work();
    });
  }

  /** What was set and not sent yet is not wanted any more. */
  drop(): void {
    this.#waiting = {};
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (Object.keys(this.#waiting).length > 0 || this.#jobs.length > 0) {
      if (Object.keys(this.#waiting).length > 0) await this.#sendWaiting();
      else await this.#jobs.shift()?.();
    }
    this.#busy = false;
  }

  async #sendWaiting(): Promise<void> {
    this.#sent = this.#waiting;
    this.#waiting = {};
    try {
      const answer = await this.#to.send(this.#sent);
      this.#sent = {};
      this.#to.answered(answer);
    } catch (error) {
      const overtaken = this.#waiting;
      const failed = Object.entries(this.#sent).filter(([id]) => !(id in overtaken));
      this.#sent = {};
      this.#to.failed(error, Object.fromEntries(failed));
    }
  }
}
