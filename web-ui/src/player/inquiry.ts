// How the stream is doing, for transports that are told nothing of it: asked for again and again,
// and made into a status together with what the transport sees.

import { Api, ApiError } from "../client/rest.js";
import { status, type Status } from "../client/status.js";
import type { StreamInfo } from "../client/types.js";

const ASK_EVERY_MS = 2000;

export interface Seen {
  /** A picture is to be seen. */
  shown: boolean;
  /** There is no connection at the moment. */
  cut: boolean;
}

export interface Asker {
  seen(): Seen;
  status(status: Status): void;
  /** What was told, and what was told before; null where there was no answer. */
  told?(info: StreamInfo | null, before: StreamInfo | null): void;
}

export class Inquiry {
  info: StreamInfo | null = null;
  #failure: ApiError | null = null;
  #stopped = false;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly api: Api,
    private readonly id: string,
    private readonly asker: Asker,
  ) {
    this.#timer = setInterval(() => void this.ask(), ASK_EVERY_MS);
    void this.ask();
  }

  /** Whether there should be pictures, as far as is known. */
  get expected(): boolean {
    return this.info === null || this.info.state === "live";
  }

  async ask(): Promise<void> {
    const before = this.info;
    let told: StreamInfo | null = null;
    try {
      told = await this.api.stream(this.id);
      this.info = told;
      this.#failure = null;
    } catch (error) {
      this.#failure = error instanceof ApiError ? error : null;
    }
    if (this.#stopped) return;
    this.asker.told?.(told, before);
    this.tell();
  }

  tell(): void {
    if (this.#stopped) return;
    const { info } = this;
    const failure = this.#failure;
    const { shown, cut } = this.asker.seen();
    const next = status("waiting", null);
    next.info = info;
    if (failure?.status === 401 || failure?.status === 403) next.phase = "denied";
    else if (failure?.status === 404) next.phase = "unknown";
    // From another site pictures may come where nothing is told of them.
    else if (cut || (failure && !shown)) next.phase = "reconnecting";
    else if (info?.state === "away") next.phase = "away";
    else if (shown) next.phase = "live";
    next.reason = next.phase === "away" ? (info?.reason ?? null) : (failure?.message ?? null);
    if (next.phase === "away" && info?.state_since) next.since = Date.parse(info.state_since);
    this.asker.status(next);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }
}
