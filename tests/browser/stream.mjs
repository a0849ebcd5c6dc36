// Uses a stream's page and the player as people do, in Chromium, against a running server,
// and says what holds:
//   node stream.mjs URL
// The server needs `front`, a moving 16:9 test picture of at least 15 fps, and `gate`, whose source
// is away. `front` is given another name for a moment; one viewer of it is closed.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { launch } from "./chromium.mjs";
import { nobodyComplained, open as openPage, phone as aPhone, shot, step, until as wait } from "./steps.mjs";

const root = process.argv[2];
const browser = await launch();
let sockets = 0;

async function open(path, { before, ...options } = {}) {
  const count = async (page) => {
    page.on("websocket", () => (sockets += 1));
    await before?.(page);
  };
  const page = await openPage(browser, new URL(path, root), { ...options, before: count });
  await page.waitForSelector("eyeline-player");
  return page;
}
const player = (page) => page.locator("eyeline-player").first();
const read = (page, name) => player(page).evaluate((element, name) => element[name], name);
const until = (page, what, holds) =>
  wait(what, async () => (await holds()) || [await read(page, "state"), await read(page, "stats")]);
const untilState = (page, state) => until(page, state, async () => (await read(page, "state")) === state);
const tool = (page, label) => page.click(`e-tools button[aria-label^="${label}"]`);
const api = async (path, options) => (await fetch(new URL(`api/streams/${path}`, root), options)).json();

try {
  const page = await open("streams/front");

  await step("a stream plays over one WebSocket, and the age of its pictures is told", async () => {
    await untilState(page, "live");
    await until(page, "a rate", async () => (await read(page, "stats")).fps > 10);
    const stats = await read(page, "stats");
    assert.equal(stats.transport, "ws");
    assert.ok(stats.age_ms >= 0 && stats.age_ms < 2000, `the age is ${stats.age_ms} ms`);
    assert.equal(sockets, 1);
    await page.waitForTimeout(1500);
    await shot(page, "stream-live");
  });

  await step("a wish changes what this viewer gets, and stands in the address", async () => {
    await page.selectOption('e-tools select[aria-label="Quality"]', "low");
    await page.selectOption('e-tools select[aria-label="Rate"]', "15");
    await until(page, "320 lines", async () => (await read(page, "stats")).height === 320);
    await until(page, "15 fps", async () => {
      const { fps } = await read(page, "stats");
      return fps > 5 && fps < 17;
    });
    assert.match(page.url(), /\?quality=low&fps=15$/);
    const { viewers } = await api("front/viewers");
    assert.deepEqual([viewers.length, viewers[0].quality], [1, "low"]);
    await page.selectOption('e-tools select[aria-label="Quality"]', "");
    await page.selectOption('e-tools select[aria-label="Rate"]', "");
    await until(page, "the source", async () => (await read(page, "stats")).height > 320);
    assert.match(page.url(), /front$/);
  });

  await step("the snapshot is a file with the picture that is shown", async () => {
    const waiting = page.waitForEvent("download");
    await tool(page, "Save the picture");
    const download = await waiting;
    assert.equal(download.suggestedFilename(), "snapshot.jpg");
    const bytes = await readFile(await download.path());
    assert.deepEqual([bytes[0], bytes[1], bytes.at(-2), bytes.at(-1)], [0xff, 0xd8, 0xff, 0xd9]);
  });

  await step("over MJPEG the picture plays, too, and back over WebSocket", async () => {
    const offered = await page.$$eval('e-tools select[aria-label="Transport"] option', (all) => all.map(({ value }) => value));
    assert.deepEqual(offered, ["auto", "mse", "hls", "ws", "mjpeg"]);
    await page.selectOption('e-tools select[aria-label="Transport"]', "mjpeg");
    await untilState(page, "live");
    assert.equal((await read(page, "stats")).transport, "mjpeg");
    assert.ok(await player(page).locator("img").evaluate((img) => img.naturalWidth > 0));
    await page.selectOption('e-tools select[aria-label="Transport"]', "auto");
    await until(page, "the WebSocket", async () => (await read(page, "stats")).transport === "ws");
    await untilState(page, "live");
  });

  await step("share gives the link, a QR code and the code to embed", async () => {
    await tool(page, "Link, QR code");
    await page.waitForSelector("e-share e-qr svg");
    const values = await page.$$eval("e-share input, e-share textarea", (all) => all.map((one) => one.value));
    assert.equal(values[0], new URL("streams/front", root).href);
    assert.match(values.at(-1), /player\.js"><\/script>\n<eyeline-player src="http.*\/streams\/front"/);
    await page.waitForTimeout(300);
    await shot(page, "stream-share");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("e-share dialog[open]").count(), 0);
  });

  await step("settings are changed for everybody, and a wrong one says what is wrong", async () => {
    await tool(page, "Stream settings");
    await page.fill('e-settings input[name="name"]', "The yard");
    await page.waitForTimeout(300);
    await shot(page, "stream-settings");
    await page.click("e-settings button.primary");
    await page.waitForSelector('h1:text-is("The yard")');
    assert.equal((await api("front")).name, "The yard");
    await tool(page, "Stream settings");
    await page.fill('e-settings input[name="source"]', "nonsense:");
    await page.click("e-settings button.primary");
    await page.waitForSelector("e-settings .wrong:not([hidden])");
    await shot(page, "stream-settings-wrong");
    await page.keyboard.press("Escape");
    await api("front", { method: "PATCH", headers: { "Content-Type": "application/json" }, body: '{"name":null}' });
    await page.waitForSelector('h1:text-is("front")');
  });

  await step("details draw two minutes of figures and list the viewers", async () => {
    await tool(page, "Stats, viewers");
    await page.waitForSelector("e-graphs .u-wrap canvas");
    await page.waitForTimeout(3000);
    const drawn = await page.$$eval("e-graphs canvas", (all) =>
      all.map((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value > 0);
      }),
    );
    assert.deepEqual(drawn, [true, true, true, true]);
    await shot(page, "stream-stats");
    await page.click('e-drawer [role="tab"]:has-text("Viewers")');
    await page.waitForSelector("e-viewers tbody tr");
    assert.match(await page.locator("e-viewers tbody tr").first().innerText(), /Chrome[\s\S]*WebSocket/);
    await shot(page, "stream-viewers");
  });

  await step("who is not seen is no viewer, and plays on when seen again", async () => {
    const push = (far) => page.evaluate((far) => (document.body.style.paddingTop = far ? "5000px" : ""), far);
    await push(true);
    await untilState(page, "suspended");
    await until(page, "no viewer", async () => (await api("front")).viewer_count === 0);
    await push(false);
    await untilState(page, "live");
  });

  await step("a viewer that is closed here ends, says so, and does not come back by itself", async () => {
    const [{ id }] = (await api("front/viewers")).viewers;
    await page.click(`e-viewers tr[data-id="${id}"] button`);
    await untilState(page, "ended");
    await page.waitForTimeout(3000);
    assert.equal(await read(page, "state"), "ended");
    await shot(page, "stream-ended");
    await player(page).evaluate((element) => {
      element.pause();
      element.play();
    });
    await untilState(page, "live");
  });

  await step("events tell who came", async () => {
    await page.click('e-drawer [role="tab"]:has-text("Events")');
    await page.waitForSelector("e-drawer li");
    await shot(page, "stream-events");
    await page.keyboard.press("d");
  });

  await step("a source that is away is told with the reason", async () => {
    const away = await open("streams/gate");
    await untilState(away, "away");
    assert.match(await player(away).locator(".message").innerText(), /Away[\s\S]*\w+[\s\S]*comes back by itself/);
    await shot(away, "stream-away");
    await away.context().close();
  });

  await step("where no WebSocket gets through it is MJPEG by itself", async () => {
    const before = (page) =>
      page.addInitScript(() => {
        // As behind a proxy that knows no upgrade: the handshake fails, all else works.
        window.WebSocket = class {
          constructor() {
            setTimeout(() => this.onclose?.({ reason: "" }), 10);
          }
          close() {}
        };
      });
    const blocked = await open("streams/front", { before });
    await until(blocked, "MJPEG", async () => (await read(blocked, "stats")).transport === "mjpeg");
    await untilState(blocked, "live");
    await blocked.context().close();
  });

  await step("it fits a phone, by day, and a wall of screens", async () => {
    const phone = await open("streams/front", { ...aPhone, colorScheme: "light" });
    await untilState(phone, "live");
    await phone.waitForTimeout(1500);
    await shot(phone, "stream-phone");
    const wide = await phone.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(wide, 390);
    const { width, height } = await player(phone).boundingBox();
    assert.ok(Math.abs(width / height - 16 / 9) < 0.02, `${width} × ${height}`);
    await tool(phone, "Stats, viewers");
    await phone.waitForTimeout(500);
    await shot(phone, "stream-phone-details");
    await phone.context().close();
    const large = await open("streams/front", { viewport: { width: 2560, height: 1440 } });
    await untilState(large, "live");
    await large.waitForTimeout(1500);
    await shot(large, "stream-large");
    await large.context().close();
  });

  await step("nothing was complained of, and no policy was broken", nobodyComplained);
} finally {
  await browser.close();
}
