// What the scripts share that use pages as people do: steps that are told as they go, waiting
// for what holds, and what the pages complain about. With SHOTS=FOLDER they leave screenshots.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

const PATIENCE_MS = 40_000;

/** Sizes of screens, with what comes with them. */
export const desktop = { viewport: { width: 1280, height: 800 }, colorScheme: "dark" };
export const phone = { viewport: { width: 390, height: 844 }, colorScheme: "dark", isMobile: true, hasTouch: true };

/** Errors on the consoles of all pages that were opened. */
const complaints = [];

/** A page in a browser profile of its own. `before` is done before the page is fetched. */
export async function open(browser, address, { before, ...options } = {}) {
  const context = await browser.newContext({ ...desktop, ...options });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await before?.(page);
  await page.goto(String(address));
  return page;
}

/** Fails when a page complained of anything but answers of 4xx, which the scripts provoke. */
export function nobodyComplained() {
  const provoked = /status of 4\d\d/;
  assert.deepEqual(complaints.filter((text) => !provoked.test(text)), []);
}

/** Waits until `holds` gives true: what is checked changes a moment after what was done. */
export async function until(what, holds) {
  let seen;
  for (const began = Date.now(); Date.now() - began < PATIENCE_MS; await pause(50)) {
    seen = await holds();
    if (seen === true) return;
  }
  assert.fail(`waited in vain for ${what}; the last was ${JSON.stringify(seen)}`);
}

/** True when both are the same, else the first, for `until` to tell. */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b) || a;

/** Leaves a screenshot, if they are wanted. */
export async function shot(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
}

/** Does one step, tells how it went, and goes on. */
export async function step(name, work) {
  try {
    await work();
    console.log(`ok    ${name}`);
  } catch (error) {
    console.log(`FAILS ${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
