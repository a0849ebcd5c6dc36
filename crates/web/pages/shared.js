// What the pages share: asking the server, the picture of a stream, words for states.

const PATIENCE_MS = 5000;
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 8000;

/** The answer as JSON. Throws what people can read; `status` is 0 if there was no answer. */
export async function ask(path) {
    let response;
    try {
        response = await fetch(path, {
            cache: "no-store",
            signal: AbortSignal.timeout(PATIENCE_MS),
        });
    } catch {
        throw Object.assign(new Error("The server does not answer."), { status: 0 });
    }
    const body = await response.json().catch(() => ({}));
    if (!response.ok) {
        const message = body.error ?? `The server answers with status ${response.status}.`;
        throw Object.assign(new Error(message), { status: response.status });
    }
    return body;
}

/** Calls `work` now and again `ms` after it has ended, while the page is to be seen. */
export function repeat(ms, work) {
    let timer = 0;
    let running = false;
    const round = async () => {
        if (running || document.hidden) return;
        running = true;
        clearTimeout(timer);
        await work();
        running = false;
        timer = setTimeout(round, ms);
    };
    document.addEventListener("visibilitychange", round);
    round();
    return round;
}

/** The moving picture of a stream in an <img>: begins again by itself when it breaks off. */
export class Picture {
    #img;
    #url = null;
    #timer = 0;
    #wait = RETRY_FIRST_MS;
    #shown = false;

    /** `onchange(shown)` is told whether there is a picture. */
    constructor(img, onchange = () => {}) {
        this.#img = img;
        this.onchange = onchange;
        img.addEventListener("load", () => {
            if (this.#url === null) return;
            this.#wait = RETRY_FIRST_MS;
            this.#show(true);
        });
        img.addEventListener("error", () => {
            if (this.#url !== null) this.#later();
        });
    }

    /** Whether there is a picture to be seen. */
    get shown() {
        return this.#shown;
    }

    /** Shows this address; the same one again changes nothing. */
    show(url) {
        if (url === this.#url) return;
        this.#url = url;
        this.again();
    }

    /** Begins anew, after the server or the stream was restarted. */
    again() {
        clearTimeout(this.#timer);
        if (this.#url === null) return;
        const url = new URL(this.#url, document.baseURI);
        // A browser joins equal addresses into one; a broken one would stay broken.
        url.searchParams.set("_", Date.now().toString(36));
        this.#img.src = url;
    }

    /** Begins anew if the picture broke off: a browser does not say so by an event. */
    check() {
        const broken = this.#img.complete && this.#img.naturalWidth === 0;
        if (this.#shown && broken) this.#later();
    }

    /** Closes the connection. */
    stop() {
        clearTimeout(this.#timer);
        this.#url = null;
        this.#img.removeAttribute("src");
        this.#show(false);
    }

    #later() {
        this.#show(false);
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.again(), this.#wait);
        this.#wait = Math.min(this.#wait * 2, RETRY_MOST_MS);
    }

    #show(shown) {
        if (shown === this.#shown) return;
        this.#shown = shown;
        this.onchange(shown);
    }
}

/** How a stream's state is said. */
export function words(info) {
    switch (info.state) {
        case "live":
            return "Live";
        case "starting":
            return "Starting";
        case "idle":
            return "Ready";
        case "away":
            return `Away ${ago(info.state_since)}`.trim();
        default:
            return info.state;
    }
}

/** Why there is no picture yet, and what is waited for. */
export function waitingFor(info) {
    switch (info.state) {
        case "away":
            return sentence(info.reason ?? "The source is away");
        case "idle":
            return "Starting the source…";
        default:
            return "Waiting for the first picture…";
    }
}

/** The stream's figures, each with its unit. */
export function figures(info) {
    const { width, height } = info.settings;
    const viewers = info.viewer_count;
    return [
        info.fps > 0 && `${info.fps.toFixed(1)} fps`,
        width && `${width} × ${height}`,
        `${viewers} ${viewers === 1 ? "viewer" : "viewers"}`,
    ].filter(Boolean);
}

/** The shape of the picture as CSS has it. */
export function aspect(info) {
    const { width, height } = info.settings;
    return width && height ? String(width / height) : "1.7778";
}

export function sentence(text) {
    return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");
}

/** Sets a text only if it changed, so that nothing flickers and selections stay. */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

function ago(time) {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
    if (!Number.isFinite(seconds)) return "";
    if (seconds < 120) return `${seconds} s`;
    if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
    return `${Math.round(seconds / 3600)} h`;
}
