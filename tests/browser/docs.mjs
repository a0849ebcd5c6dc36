// Reads the page of the API in Chromium, against a running server, and says what holds:
//   node docs.mjs URL
// A stream is made by it and ended again.
import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";
import { nobodyComplained, open as openPage, phone as aPhone, shot, step } from "./steps.mjs";

const root = process.argv[2];
const browser = await launch();

async function open(hash, options) {
  const page = await openPage(browser, new URL(`api/docs${hash}`, root), options);
  await page.waitForSelector("details");
  return page;
}
const answered = (page, id, text) => page.locator(`#${id} e-try .status`).filter({ hasText: text }).waitFor();
const answer = (page, id) => page.locator(`#${id} e-try .answer`).innerText();

try {
  const page = await open("#create_stream");

  await step("an address leads to its operation, and every operation is there", async () => {
    await page.waitForSelector("#create_stream[open] e-try");
    const api = await (await fetch(new URL("api/openapi.json", root))).json();
    const count = Object.values(api.paths).reduce((sum, item) => sum + Object.keys(item).length, 0);
    assert.equal(await page.locator(".operations:not(.schemas) details").count(), count);
    assert.equal(await page.locator(".schemas details").count(), Object.keys(api.components.schemas).length);
  });

  await step("what is tried does what the command beside it says", async () => {
    await page.fill("#create_stream textarea", '{"id": "made-by-docs", "source": "test:"}');
    assert.match(await page.locator("#create_stream .command code").innerText(), /^curl -X POST .*made-by-docs.*\/api\/streams$/);
    await page.click("#create_stream e-try >> text=Try it");
    await answered(page, "create_stream", "201");
    assert.equal(JSON.parse(await answer(page, "create_stream")).stream_id, "made-by-docs");
    await shot(page, "made");
  });

  await step("an error is shown as the server says it", async () => {
    await page.click("#create_stream e-try >> text=Try it");
    await answered(page, "create_stream", "409");
    assert.equal(JSON.parse(await answer(page, "create_stream")).code, "exists");
  });

  await step("what cannot be undone is asked before", async () => {
    await page.click("#delete_stream summary");
    await page.fill("#delete_stream e-try input", "made-by-docs");
    await page.click("#delete_stream e-try >> text=Try it");
    await page.click("e-dialog >> text=Do it");
    await answered(page, "delete_stream", "200");
  });

  await step("events are shown as they come, until they are stopped", async () => {
    await page.click("#follow_events summary");
    await page.click("#follow_events e-try >> text=Listen");
    await page.locator("#follow_events e-try .answer").filter({ hasText: "hello" }).waitFor();
    await page.click("#follow_events e-try >> text=Stop");
    await answered(page, "follow_events", "stopped");
  });

  await step("it fits a phone", async () => {
    const phone = await open("#list_streams", { ...aPhone, colorScheme: "light" });
    await phone.waitForSelector("#list_streams[open] e-try");
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    await shot(phone, "phone");
  });

  await step("nothing was refused by the page's policy, and nothing threw", nobodyComplained);
} finally {
  await browser.close();
}
