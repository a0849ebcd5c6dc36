// What lasts: sixteen tiles that all move, on a screen and on a phone; the pages below another
// path behind a proxy; a page of another site with the player in it; and all of them going on by
// themselves when the server was killed. Against a running server with sixteen streams:
//   node lasting.mjs URL TOKEN
// It writes `RESTART` to standard output when the server is to be killed and started again.
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { launch } from "./chromium.mjs";
import { open as openPage, phone, shot, step, until } from "./steps.mjs";

const [root, token] = process.argv.slice(2);
const browser = await launch();
const home = new URL(root);
const closing = [];

const open = (address, options) => openPage(browser, address, { ...options, before: (page) => page.addInitScript(helpers) });

/** What the pages are given: their players, however deep they stand, and a count of pictures. */
function helpers() {
  const players = (root) =>
    [...root.querySelectorAll("*")].flatMap((element) => [
      ...(element.localName === "eyeline-player" ? [element] : []),
      ...(element.shadowRoot ? players(element.shadowRoot) : []),
    ]);
  window.players = () => players(document);
  window.count = () => {
    window.drawn = new Map(window.players().map((player) => [player, 0]));
    for (const player of window.drawn.keys()) {
      player.addEventListener("frame", () => window.drawn.set(player, window.drawn.get(player) + 1));
    }
  };
}
/** How many of the players have drawn since. */
const moving = (page) => page.evaluate("[...drawn.values()].filter((pictures) => pictures >= 2).length");
async function allMove(page, players) {
  await until(`${players} players`, async () => {
    const there = await page.evaluate("players().length");
    return there === players || there;
  });
  await page.evaluate("count()");
  await until(`${players} moving pictures`, async () => {
    const found = await moving(page);
    return found === players || found;
  });
}

/** Listens on a free port of this machine; the address. */
async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** A proxy that shows the server below /cameras/, upgrades included, and says that it is one. */
function proxy() {
  const inside = (url) => url.replace(/^\/cameras/, "");
  const headers = (incoming) => ({ ...incoming.headers, "x-forwarded-for": "192.0.2.7" });
  const server = createServer((incoming, outgoing) => {
    if (!incoming.url.startsWith("/cameras/")) return outgoing.writeHead(404).end();
    const options = { host: home.hostname, port: home.port, method: incoming.method, path: inside(incoming.url), headers: headers(incoming) };
    const onwards = request(options, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    onwards.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onwards.destroy());
    incoming.pipe(onwards);
  });
  server.on("upgrade", (incoming, socket, head) => {
    const onwards = connect(home.port, home.hostname, () => {
      const lines = Object.entries(headers(incoming)).map(([name, value]) => `${name}: ${value}\r\n`);
      onwards.write(`GET ${inside(incoming.url)} HTTP/1.1\r\n${lines.join("")}\r\n`);
      onwards.write(head);
      onwards.pipe(socket).pipe(onwards);
    });
    onwards.on("error", () => socket.destroy());
    socket.on("error", () => onwards.destroy());
  });
  return listen(server);
}

/** Somebody else's page, on a port of its own and so of another origin. */
const foreign = (src) =>
  listen(
    createServer((incoming, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/html" });
      outgoing.end(`<!doctype html><title>A page of somebody else</title>
        <script type="module" src="${new URL("player.js", root)}"></script>
        <eyeline-player src="${src}" controls style="width: 480px"></eyeline-player>`);
    }),
  );

try {
  const lasting = {};
  await step("sixteen tiles move on the wall", async () => {
    lasting.wall = await open(root);
    await allMove(lasting.wall, 16);
    await shot(lasting.wall, "sixteen");
  });

  await step("a page of another site plays, with the token and without more", async () => {
    const site = await foreign(new URL(`streams/s1?token=${token}`, root));
    lasting.foreign = await open(site);
    await allMove(lasting.foreign, 1);
    await shot(lasting.foreign, "foreign");
  });

  await step("without the token a page of another site gets nothing, and is told so", async () => {
    const page = await open(await foreign(new URL("streams/s1", root)));
    await until("the refusal", () => page.evaluate("players()[0].state === 'denied' || players()[0].state"));
    await page.context().close();
  });

  await step("below another path behind a proxy the wall and a stream's page work", async () => {
    const outside = await proxy();
    const page = await open(`${outside}/cameras/?token=${token}`);
    await until("tiles", () => page.evaluate("players().length === 16 || players().length"));
    await page.goto(`${outside}/cameras/streams/s2`);
    await allMove(page, 1);
    await page.goto(`${outside}/cameras/api/docs`);
    await page.getByText("/api/streams/{id}").first().waitFor();
    await page.context().close();
  });

  await step("a stream's page plays", async () => {
    lasting.stream = await open(new URL("streams/s3", root));
    await allMove(lasting.stream, 1);
  });

  console.log("RESTART");

  await step("after a restart every page goes on by itself", async () => {
    await until("the server to be another", async () => {
      const answer = await fetch(new URL("api/streams/s3", root)).catch(() => null);
      const info = await answer?.json();
      return info !== undefined && Date.now() - Date.parse(info.start_time) < 60_000;
    });
    for (const [name, players] of [["stream", 1], ["foreign", 1], ["wall", 16]]) {
      await lasting[name].bringToFront();
      await allMove(lasting[name], players);
      await shot(lasting[name], `after-${name}`);
    }
  });
  for (const page of Object.values(lasting)) await page.context().close();

  await step("on a phone what is seen moves, what is not is a thumbnail until it is scrolled to", async () => {
    const page = await open(root, phone);
    await until("tiles", () => page.evaluate("players().length === 16 || players().length"));
    await page.evaluate("count()");
    await until("the first to move", async () => (await moving(page)) >= 2);
    await until("a picture now and then of what is out of sight", () => page.evaluate("[...drawn.values()].at(-1) >= 2"));
    await page.mouse.wheel(0, 100_000);
    await until("the last to move", () => page.evaluate("[...drawn.values()].at(-1) >= 2"));
    await shot(page, "phone");
  });
} finally {
  await browser.close();
  for (const close of closing) close();
}
