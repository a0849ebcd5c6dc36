// Publishes a camera (Chromium's own, that is none) from the wall, against a running server, and
// says what holds:
//   node publish.mjs URL
// The server needs `front`, a stream with a source of its own.
import assert from "node:assert/strict";
import { CAMERA, launch } from "./chromium.mjs";
import { nobodyComplained, open as openPage, shot, step, until } from "./steps.mjs";

const root = process.argv[2];
const browser = await launch(CAMERA);

async function open(prepare = () => {}) {
  const before = (page) => page.addInitScript(prepare);
  const page = await openPage(browser, root, { before });
  page.on("dialog", (dialog) => dialog.accept());
  await page.waitForSelector("e-tile");
  return page;
}
const api = async (path, options) => {
  const response = await fetch(new URL(`api/streams${path}`, root), options);
  return { status: response.status, ...(await response.json()) };
};
const panel = (page) => page.locator("e-publishing section");
const untilPanel = (page, text) => panel(page).filter({ hasText: text }).waitFor();

async function begin(page, fields) {
  await page.click("header button.primary");
  await page.click("#tab-browser");
  await page.click("text=Open the camera");
  await page.waitForSelector("e-capture video");
  for (const [name, value] of Object.entries(fields)) await page.fill(`#${name}`, value);
  await page.click("button[form=form]");
}

try {
  const page = await open();

  await step("an id that is taken is told beside its field, and the camera stays open", async () => {
    await begin(page, { id: "front" });
    await page.waitForSelector("#about-id.wrong");
    await shot(page, "taken");
    assert.equal(await page.locator("e-capture video").count(), 1);
  });

  await step("a camera becomes a stream, at the rate and under the name asked for", async () => {
    await page.fill("#id", "cam");
    await page.fill("#name", "My camera");
    await page.fill("#fps", "10");
    await page.click("button[form=form]");
    await untilPanel(page, "Publishing");
    await until("pictures", async () => (await api("/cam")).state === "live");
    const info = await api("/cam");
    assert.equal(info.name, "My camera");
    assert.equal(info.origin, "publisher");
    assert.equal(info.settings.height, 720);
    await until("about 10 fps", async () => {
      const { fps } = await api("/cam");
      return (fps > 5 && fps < 12) || fps;
    });
    await page.waitForSelector('e-tile[data-id="cam"]');
    await shot(page, "publishing");
  });

  await step("while nobody watches, hardly anything is sent; who comes back finds it going on", async () => {
    await page.fill("input[type=search]", "front");
    await untilPanel(page, "Nobody watches");
    await shot(page, "unwatched");
    const before = (await api("/cam")).frame_count;
    await page.waitForTimeout(4000);
    const sent = (await api("/cam")).frame_count - before;
    assert.ok(sent <= 3, `${sent} pictures in 4 s`);
    await page.fill("input[type=search]", "");
    await untilPanel(page, "1 viewer");
    await until("pictures", async () => (await api("/cam")).fps > 3);
  });

  await step("what an operator ends is not started again", async () => {
    await api("/cam", { method: "DELETE" });
    await untilPanel(page, "Ended");
    await shot(page, "ended");
    assert.equal((await api("/cam")).status, 404);
    await page.click("e-publishing button");
    await panel(page).waitFor({ state: "detached" });
  });

  await step("it is stopped by its button", async () => {
    await begin(page, { id: "again" });
    await untilPanel(page, "Publishing");
    await page.click("e-publishing button");
    await panel(page).waitFor({ state: "detached" });
    await until("the publisher to be gone", async () => (await api("/again")).state !== "live");
    await api("/again", { method: "DELETE" });
  });

  await step("it works where a browser does not give a camera's pictures to workers", async () => {
    const other = await open(() => delete window.MediaStreamTrackProcessor);
    await begin(other, { id: "fallback", fps: "5" });
    await untilPanel(other, "Publishing");
    await until("pictures", async () => (await api("/fallback")).frame_count > 5);
    await other.click("e-publishing button");
    await panel(other).waitFor({ state: "detached" });
    await api("/fallback", { method: "DELETE" });
    await other.context().close();
  });

  await step("where a browser lends no camera to the page, it is said what to do", async () => {
    const other = await open(() => Object.defineProperty(window, "isSecureContext", { value: false }));
    await other.click("header button.primary");
    await other.click("#tab-browser");
    await other.locator("e-capture [role=alert]").filter({ hasText: "HTTPS" }).waitFor();
    assert.equal(await other.locator("e-capture >> text=Open the camera").count(), 0);
    await shot(other, "insecure");
  });

  await step("nothing was refused by the page's policy, and nothing threw", nobodyComplained);
} finally {
  await browser.close();
}
