// One stream: its picture, how it is wished, and its state.

import { Picture, ask, figures, repeat, setText, waitingFor, words } from "./shared.js";

const ASK_EVERY_MS = 1000;
const COPIED_FOR_MS = 2000;

const byId = (id) => document.getElementById(id);
const id = decodeURIComponent(location.pathname.split("/").pop());
const wishes = ["quality", "fps"];
let info = null;
let lost = false;

document.title = `${id} · Eyeline`;
byId("name").textContent = id;
byId("picture").alt = `Picture of ${id}`;

const picture = new Picture(byId("picture"), (shown) => {
    byId("stage").classList.toggle("is-shown", shown);
});

/** The wish as it stands in the page's own address, so that the link can be shared. */
function wished() {
    const query = new URLSearchParams(location.search);
    return new URLSearchParams([...query].filter(([name]) => wishes.includes(name)));
}

function show() {
    const query = wished();
    for (const name of wishes) byId(name).value = query.get(name) ?? "";
    const tail = query.size ? `?${query}` : "";
    byId("snapshot").href = `${id}/snapshot.jpg${tail}`;
    if (!document.hidden) picture.show(`${id}/mjpeg${tail}`);
}

for (const name of wishes) {
    byId(name).addEventListener("change", () => {
        const query = wished();
        if (byId(name).value) query.set(name, byId(name).value);
        else query.delete(name);
        history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
        show();
    });
}

function tell(error) {
    document.body.classList.toggle("is-lost", error !== null);
    byId("notice").hidden = error === null;
    if (error === null) return;
    byId("state").dataset.state = "lost";
    setText(byId("state"), "No connection");
    const message = {
        401: "You are no longer let in. Open the link again that the server printed at its start.",
        404: `There is no stream named ${id} now. It shows here when it comes back.`,
    };
    setText(byId("notice"), message[error.status] ?? `${error.message} Trying again.`);
}

repeat(ASK_EVERY_MS, async () => {
    try {
        const next = await ask(`../api/streams/${id}`);
        const anew = lost || (info && info.start_time !== next.start_time);
        info = next;
        lost = false;
        tell(null);
        byId("state").dataset.state = info.state;
        setText(byId("state"), words(info));
        setText(byId("waiting"), waitingFor(info));
        const all = [...figures(info), info.source];
        // Otherwise it stands where the picture would be.
        if (info.state === "away" && picture.shown) all.unshift(waitingFor(info));
        byId("figures").replaceChildren(...all.map((text) => {
            const item = document.createElement("span");
            item.textContent = text;
            return item;
        }));
        if (anew) picture.again();
        else picture.check();
    } catch (error) {
        lost = true;
        tell(error);
        picture.check();
        setText(byId("waiting"), "The picture comes back by itself.");
    }
});

document.addEventListener("visibilitychange", () => {
    if (document.hidden) picture.stop();
    else show();
});

/** Copies where the browser lets a page do so; that takes TLS, or this machine. */
async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    if (!copied) throw new Error("not copied");
}

byId("copy").addEventListener("click", async () => {
    const said = await copy(location.href).then(() => "Copied", () => "Copy the address above");
    setText(byId("copy-label"), said);
    setTimeout(() => setText(byId("copy-label"), "Copy link"), COPIED_FOR_MS);
});

function fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else byId("stage").requestFullscreen?.();
}

byId("full").addEventListener("click", fullScreen);
byId("picture").addEventListener("dblclick", fullScreen);
document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("select, input, textarea");
    if (event.key === "f" && !typing && !event.ctrlKey && !event.metaKey) fullScreen();
});

show();
