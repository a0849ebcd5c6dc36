// Uses the wall as people do, in Chromium, against a running server, and says what holds:
//   node wall.mjs URL
// The server needs at least three streams; none is changed, one is made and stopped again.
import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";
import { nobodyComplained, open as openPage, phone as aPhone, same, shot, step, until } from "./steps.mjs";

const root = process.argv[2];
const browser = await launch();

async function open(options) {
  const page = await openPage(browser, root, options);
  await page.waitForSelector("e-tile:not([hidden])");
  return page;
}
/** Ids of the tiles as they are to be seen: row by row. */
const order = (page) =>
  page.$$eval("e-tile:not([hidden])", (tiles) =>
    tiles
      .map((tile) => ({ id: tile.dataset.id, box: tile.getBoundingClientRect() }))
      .sort((a, b) => a.box.top - b.box.top || a.box.left - b.box.left)
      .map(({ id }) => id),
  );
const focused = (page) => page.evaluate(() => document.querySelector("eyeline-wall").shadowRoot.activeElement?.dataset.id ?? null);
const pick = (page) => page.click("e-menu[label=Layout] button[aria-haspopup]");

try {
  const page = await open();
  let sockets = 0;
  page.on("websocket", () => (sockets += 1));

  await step("one WebSocket carries all tiles, and pictures come", async () => {
    await page.reload();
    await page.waitForFunction(() => {
      const tiles = [...document.querySelector("eyeline-wall").shadowRoot.querySelectorAll("e-tile")];
      return tiles.filter((tile) => tile.shadowRoot.querySelector("eyeline-player").state === "live").length >= 2;
    });
    assert.equal(sockets, 1);
  });

  await step("tiles are moved by Alt and arrows, and stay so after a reload", async () => {
    await pick(page);
    await page.click("text=3 columns");
    const before = await order(page);
    // A key that comes while the menu is still closing is the menu's.
    await until("the focus", async () => {
      await page.keyboard.press("1");
      return same(await focused(page), before[0]);
    });
    await page.keyboard.press("Alt+ArrowRight");
    const after = [before[1], before[0], ...before.slice(2)];
    await until("another order", async () => same(await order(page), after));
    await until("the focus to stay", async () => same(await focused(page), before[0]));
    await page.reload();
    await until("the same order", async () => same(await order(page), after));
  });

  await step("tiles are moved by the mouse, without opening one", async () => {
    const before = await order(page);
    const box = async (id) => page.locator(`e-tile[data-id="${id}"]`).boundingBox();
    const [from, to] = [await box(before[0]), await box(before[2])];
    await page.mouse.move(from.x + 40, from.y + 40);
    await page.mouse.down();
    await page.mouse.move(from.x + 80, from.y + 60, { steps: 4 });
    await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 8 });
    await shot(page, "dragging");
    await page.mouse.up();
    await until("another order", async () => same((await order(page))[2], before[0]));
  });

  await step("a double click makes a tile the big one, another one lets it go", async () => {
    const [first] = await order(page);
    await pick(page);
    await page.click("text=Fit the screen");
    const tile = page.locator(`e-tile[data-id="${first}"]`);
    const area = async () => {
      const { width, height } = await tile.boundingBox();
      return width * height;
    };
    await until("the menu to close", () => page.evaluate(() => !document.querySelector("eyeline-wall").shadowRoot.activeElement?.matches("e-menu")));
    const before = await area();
    await tile.dblclick({ position: { x: 60, y: 60 } });
    await until("a big tile", async () => (await area()) > 1.5 * before);
    await shot(page, "big");
    await tile.dblclick({ position: { x: 60, y: 60 } });
    await until("the tile as before", async () => same(await area(), before));
  });

  await step("f shows the chosen tile on the whole screen and lets it go, its button too; f alone the whole wall", async () => {
    await page.keyboard.press("2");
    await until("a focus", async () => (await focused(page)) !== null);
    const id = await focused(page);
    const tile = page.locator(`e-tile[data-id="${id}"]`);
    const player = tile.locator("eyeline-player");
    const onScreen = () => tile.evaluate((one) => one.shadowRoot.fullscreenElement?.localName ?? null);
    const full = () => page.evaluate(() => document.fullscreenElement?.localName ?? null);
    const before = await tile.boundingBox();
    await page.keyboard.press("f");
    await until("the tile's player on the screen", async () => same(await onScreen(), "eyeline-player"));
    await until("the whole screen", async () => {
      const [box, screen] = [await player.boundingBox(), await page.evaluate(() => [innerWidth, innerHeight])];
      return same([box.width, box.height], screen);
    });
    // There it is wanted as it is, not as large as a tile.
    await until("the source's quality", async () => same(await player.getAttribute("quality"), "source"));
    await until("pictures", () => player.evaluate((one) => one.state === "live" || one.state));
    await shot(page, "full-screen");
    await page.keyboard.press("f");
    await until("the wall", async () => same(await full(), null));
    await until("the tile as before", async () => same(await tile.boundingBox(), before));
    await until("the focus", async () => same(await focused(page), id));
    await tile.hover();
    await tile.locator('button[aria-label="Full screen"]').click();
    await until("the tile's player on the screen", async () => same(await onScreen(), "eyeline-player"));
    await page.keyboard.press("f");
    await until("the wall", async () => same(await full(), null));
    // It comes back to the tile a moment later.
    await until("the focus", async () => same(await focused(page), id));
    await page.evaluate(() => document.querySelector("eyeline-wall").shadowRoot.activeElement?.blur());
    await page.keyboard.press("f");
    await until("all of the wall on the screen", async () => same(await full(), "html"));
    assert.equal(await onScreen(), null);
    await page.keyboard.press("f");
    await until("the wall", async () => same(await full(), null));
  });

  await step("the filter is reached by / and left by Escape", async () => {
    const all = await order(page);
    await page.keyboard.press("/");
    await page.keyboard.type(all[1]);
    await until("fewer tiles", async () => same((await order(page)).filter((id) => !id.includes(all[1])), []));
    await page.keyboard.press("Escape");
    await until("all tiles", async () => same((await order(page)).length, all.length));
  });

  await step("a wrong source is told beside its field; a right one shows up and can be stopped", async () => {
    await page.click("text=Start stream");
    await page.click("#tab-url");
    await page.fill("#source", "nonsense:");
    await page.fill("#id", "made-on-the-wall");
    await page.click("button[form=form]");
    await page.waitForSelector("#about-source.wrong");
    await shot(page, "wrong-source");
    await page.fill("#source", "test:?size=320x240&fps=5");
    await page.click("button[form=form]");
    await page.waitForSelector('e-tile[data-id="made-on-the-wall"]');
    await page.waitForFunction(() => document.querySelector("eyeline-wall").shadowRoot.activeElement?.dataset.id === "made-on-the-wall");
    const tile = page.locator('e-tile[data-id="made-on-the-wall"]');
    await tile.hover();
    await tile.locator("e-menu button[aria-haspopup]").click();
    await shot(page, "menu");
    await tile.locator("text=Stop stream").click();
    await page.click("e-dialog >> text=Stop stream");
    await page.waitForSelector('e-tile[data-id="made-on-the-wall"]', { state: "detached" });
  });

  await step("streams that others make come and go by themselves", async () => {
    const api = new URL("api/streams", root);
    await fetch(api, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id: "made-elsewhere", source: "test:?size=320x240" }) });
    await page.waitForSelector('e-tile[data-id="made-elsewhere"]');
    await fetch(new URL("streams/made-elsewhere", new URL("api/", root)), { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: "Another name" }) });
    await page.locator('e-tile[data-id="made-elsewhere"]').locator("text=Another name").waitFor({ state: "attached" });
    await fetch(new URL("streams/made-elsewhere", new URL("api/", root)), { method: "DELETE" });
    await page.waitForSelector('e-tile[data-id="made-elsewhere"]', { state: "detached" });
  });

  await step("a click opens the stream, Enter too", async () => {
    const [first] = await order(page);
    await page.locator(`e-tile[data-id="${first}"]`).click({ position: { x: 60, y: 60 } });
    await page.waitForURL(`**/streams/${first}`);
    await page.goBack();
    await page.waitForSelector("e-tile");
    await page.keyboard.press("2");
    await until("a focus", async () => (await focused(page)) !== null);
    const second = await focused(page);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/streams/${second}`);
  });

  await step("on a phone tiles stand in one column; a tap tells, a second tap opens", async () => {
    const phone = await open(aPhone);
    const boxes = await phone.$$eval("e-tile", (tiles) => tiles.map((tile) => tile.getBoundingClientRect().left));
    assert.equal(new Set(boxes).size, 1);
    const small = await phone.$$eval("header button, header a, header input", (all) =>
      all.map((one) => ({ name: one.ariaLabel || one.textContent.trim(), height: one.getBoundingClientRect().height })).filter((one) => one.height > 0 && one.height < 44),
    );
    assert.deepEqual(small, []);
    const [first] = await order(phone);
    const tile = phone.locator(`e-tile[data-id="${first}"]`);
    await tile.tap({ position: { x: 100, y: 100 } });
    await until("the tools", () => tile.evaluate((one) => one.touched));
    await shot(phone, "phone");
    const tools = await tile.locator(".tools button").first().boundingBox();
    assert.ok(tools.width >= 44 && tools.height >= 44, `a tool is ${tools.width} by ${tools.height} px`);
    await tile.tap({ position: { x: 100, y: 100 } });
    await phone.waitForURL(`**/streams/${first}`);
  });

  await step("nothing was refused by the page's policy, and nothing threw", nobodyComplained);
} finally {
  await browser.close();
}
