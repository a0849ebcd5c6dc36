// The wall: every stream there is, and what it shows.

import { Picture, ask, aspect, figures, repeat, setText, waitingFor, words } from "./shared.js";

// A browser opens six connections to a server over HTTP/1.1. Four moving pictures leave
// room for questions; the other tiles take turns with single pictures.
const MOST_LIVE = 4;
const ASK_EVERY_MS = 2000;
const SNAPSHOT_EVERY_MS = 1000;
const SNAPSHOT_PATIENCE_MS = 7000;

const wall = document.getElementById("wall");
const empty = document.getElementById("empty");
const count = document.getElementById("count");
const notice = document.getElementById("notice");
const template = document.getElementById("tile");

const tiles = new Map();
let turn = 0;

class Tile {
    visible = true;
    live = false;
    #object = null;

    constructor(id) {
        this.id = id;
        this.element = template.content.firstElementChild.cloneNode(true);
        this.element.href = `streams/${id}`;
        const part = (name) => this.element.querySelector(name);
        this.frame = part(".frame");
        this.img = part("img");
        this.img.alt = `Picture of ${id}`;
        this.waiting = part(".waiting");
        this.state = part(".state");
        this.figures = part(".figures");
        part(".name").textContent = id;
        this.picture = new Picture(this.img, (shown) => this.#setShown(shown));
    }

    update(info) {
        // A stream that was made anew has other connections.
        const anew = this.info && this.info.start_time !== info.start_time;
        this.info = info;
        this.element.style.setProperty("--aspect", aspect(info));
        this.state.dataset.state = info.state;
        setText(this.state, words(info));
        setText(this.figures, figures(info).join(" · "));
        setText(this.waiting, waitingFor(info));
        if (anew && this.live) this.picture.again();
    }

    lose() {
        this.picture.check();
        this.state.dataset.state = "lost";
        setText(this.state, "No connection");
        setText(this.figures, "");
        setText(this.waiting, "The picture comes back by itself.");
    }

    setLive(live) {
        if (live) this.picture.show(`streams/${this.id}/mjpeg`);
        else if (this.live) this.picture.stop();
        this.live = live;
    }

    async refresh() {
        const response = await fetch(`streams/${this.id}/snapshot.jpg?max_age_ms=3000`, {
            cache: "no-cache",
            signal: AbortSignal.timeout(SNAPSHOT_PATIENCE_MS),
        });
        if (!response.ok) throw new Error(`status ${response.status}`);
        const object = URL.createObjectURL(await response.blob());
        if (this.live) return URL.revokeObjectURL(object);
        this.img.src = object;
        this.release();
        this.#object = object;
        this.#setShown(true);
    }

    release() {
        if (this.#object) URL.revokeObjectURL(this.#object);
        this.#object = null;
    }

    remove() {
        this.picture.stop();
        this.release();
        this.element.remove();
    }

    #setShown(shown) {
        this.frame.classList.toggle("is-shown", shown);
    }
}

const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
        const tile = tiles.get(entry.target.dataset.id);
        if (tile) tile.visible = entry.isIntersecting;
    }
    choose();
}, { rootMargin: "100px" });

/** Moving pictures for the first tiles to be seen; none while the page is not. */
function choose() {
    let left = document.hidden ? 0 : MOST_LIVE;
    for (const tile of tiles.values()) {
        const live = left > 0 && tile.visible;
        if (live) left -= 1;
        tile.setLive(live);
    }
}

function update(streams) {
    const gone = new Set(tiles.keys());
    for (const info of streams) {
        gone.delete(info.stream_id);
        let tile = tiles.get(info.stream_id);
        if (!tile) {
            tile = new Tile(info.stream_id);
            tile.element.dataset.id = tile.id;
            tiles.set(tile.id, tile);
            wall.append(tile.element);
            seen.observe(tile.element);
        }
        tile.update(info);
    }
    for (const id of gone) {
        seen.unobserve(tiles.get(id).element);
        tiles.get(id).remove();
        tiles.delete(id);
    }
    wall.dataset.count = tiles.size;
    wall.style.setProperty("--aspect", tiles.size === 1 ? aspect(streams[0]) : "");
    empty.hidden = tiles.size > 0;
    wall.hidden = tiles.size === 0;
    setText(count, tiles.size === 1 ? "1 stream" : `${tiles.size} streams`);
    choose();
}

function tell(error) {
    const lost = error !== null;
    document.body.classList.toggle("is-lost", lost);
    notice.hidden = !lost;
    if (!lost) return;
    setText(notice, error.status === 401
        ? "You are no longer let in. Open the link again that the server printed at its start."
        : `${error.message} Trying again every ${ASK_EVERY_MS / 1000} s.`);
}

let lost = false;
repeat(ASK_EVERY_MS, async () => {
    try {
        const { streams } = await ask("api/streams");
        update(streams);
        for (const { picture } of tiles.values()) {
            if (lost) picture.again();
            else picture.check();
        }
        lost = false;
        tell(null);
    } catch (error) {
        lost = true;
        tell(error);
        for (const tile of tiles.values()) tile.lose();
    }
});

// One at a time: the tiles that do not move share a single connection.
repeat(SNAPSHOT_EVERY_MS, async () => {
    const still = [...tiles.values()].filter((tile) => !tile.live && tile.visible);
    for (let n = 0; n < still.length && !document.hidden && !lost; n += 1) {
        const tile = still[(turn + n) % still.length];
        try {
            await tile.refresh();
        } catch {
            // Its state says why; the next turn tries again.
        }
    }
    turn += 1;
});

document.addEventListener("visibilitychange", choose);
document.getElementById("push-command").textContent =
    `eyeline push test: ${new URL("streams/front", document.baseURI)}`;
