// One person starts, adjusts, shares and stops a stream and publishes a camera; another one, in
// a browser of its own, watches. On a screen and on a phone, in Chromium, against a running server:
//   node flow.mjs URL
import assert from "node:assert/strict";
import { CAMERA, launch } from "./chromium.mjs";
import { desktop, nobodyComplained, open as openPage, phone, shot, step, until } from "./steps.mjs";

const root = process.argv[2];
const [ours, theirs] = await Promise.all([launch(CAMERA), launch()]);

const player = (page) => page.locator("eyeline-player").first();
const read = (page, name) => player(page).evaluate((element, name) => element[name], name);
const untilState = (page, state) => until(state, async () => (await read(page, "state")) === state || (await read(page, "state")));
const tile = (page, id) => page.locator(`e-tile[data-id="${id}"]`);

/** Waits until the player draws pictures, each another one than the last. */
async function untilMoving(page) {
  await player(page).evaluate(
    (element) =>
      new Promise((resolve) => {
        const seen = new Set();
        element.addEventListener("frame", () => {
          const canvas = element.shadowRoot.querySelector("canvas");
          seen.add(canvas.toDataURL("image/jpeg"));
          if (seen.size >= 5) resolve();
        });
      }),
  );
}

async function wall(browser, screen) {
  const page = await openPage(browser, root, screen);
  await page.waitForSelector("e-tile");
  return page;
}

async function openTile(page, id, screen) {
  const position = { x: 60, y: 60 };
  if (screen.hasTouch) {
    await tile(page, id).tap({ position });
    await until("the tools", () => tile(page, id).evaluate((one) => one.touched));
    await tile(page, id).tap({ position });
  } else {
    await tile(page, id).click({ position });
  }
  await page.waitForURL(`**/streams/${id}`);
}

async function reachMenu(page, id, screen) {
  if (screen.hasTouch) await tile(page, id).tap({ position: { x: 60, y: 60 } });
  else await tile(page, id).hover();
  await tile(page, id).locator("e-menu button[aria-haspopup]").click();
}

/** Nothing stands beyond the right edge. */
async function fits(page) {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
}

async function flow(name, screen) {
  const id = `made-on-a-${name}`;
  const page = await wall(ours, screen);
  let watched;

  await step(`${name}: a stream is started from an address and opened`, async () => {
    await page.click("header button.primary");
    await page.click("#tab-url");
    await page.fill("#source", "test:?size=1280x720&fps=30");
    await page.fill("#id", id);
    await fits(page);
    await shot(page, `flow-${name}-start`);
    await page.click("button[form=form]");
    await tile(page, id).waitFor();
    await openTile(page, id, screen);
    await untilMoving(page);
  });

  await step(`${name}: it is adjusted while it plays`, async () => {
    await page.selectOption('e-tools select[aria-label="Quality"]', "low");
    await until("320 lines", async () => (await read(page, "stats")).height === 320);
    await untilMoving(page);
    await fits(page);
    await shot(page, `flow-${name}-adjusted`);
  });

  await step(`${name}: whoever gets the link watches it in another browser`, async () => {
    await page.click('e-tools button[aria-label^="Link, QR code"]');
    const link = page.locator("e-share input").first();
    await link.waitFor();
    await shot(page, `flow-${name}-share`);
    const address = await link.inputValue();
    await page.keyboard.press("Escape");
    watched = await openPage(theirs, address, screen);
    await untilMoving(watched);
  });

  await step(`${name}: it is stopped, and who still watches is told`, async () => {
    await page.goto(root);
    await tile(page, id).waitFor();
    await reachMenu(page, id, screen);
    await shot(page, `flow-${name}-menu`);
    await tile(page, id).locator("text=Stop stream").click();
    await page.click("e-dialog >> text=Stop stream");
    await tile(page, id).waitFor({ state: "detached" });
    await untilState(watched, "ended");
    await shot(watched, `flow-${name}-ended`);
  });

  await step(`${name}: a camera that is published in one browser is watched in another`, async () => {
    const camera = `camera-of-a-${name}`;
    await page.click("header button.primary");
    await page.click("#tab-browser");
    await page.click("text=Open the camera");
    await page.waitForSelector("e-capture video");
    await page.fill("#id", camera);
    await fits(page);
    await shot(page, `flow-${name}-camera`);
    await page.click("button[form=form]");
    await page.locator("e-publishing section").filter({ hasText: "Publishing" }).waitFor();
    const other = await wall(theirs, screen);
    await tile(other, camera).waitFor();
    await openTile(other, camera, screen);
    await untilMoving(other);
    await shot(page, `flow-${name}-publishing`);
    await shot(other, `flow-${name}-watching`);
    await page.click("e-publishing button");
    await until("the end of it", async () => (await read(other, "state")) !== "live" || (await read(other, "state")));
    await shot(other, `flow-${name}-published-no-more`);
    await other.context().close();
  });

  await watched?.context().close();
  await page.context().close();
}

try {
  await flow("screen", desktop);
  await flow("phone", phone);
  await step("nothing was refused by the page's policy, and nothing threw", nobodyComplained);
} finally {
  await Promise.all([ours.close(), theirs.close()]);
}
