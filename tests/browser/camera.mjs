// Sets the controls of a true camera on its stream's page as people do, in Chromium, against a
// running server, and sees the picture obey:
//   node camera.mjs URL
// The server needs `one`, a camera of the kernel's driver `vivid`:
//   cargo xtask vm --browser tests/browser/camera.mjs -- 'one=v4l2:/dev/video0?size=640x360&format=yuyv422'
import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";
import { nobodyComplained, open as openPage, phone as aPhone, same, shot, step, until } from "./steps.mjs";

const root = process.argv[2];
const browser = await launch();
const controls = new URL("api/streams/one/controls", root);
const asked = async () => (await fetch(controls)).json();
const valueOf = async (id) => (await asked()).controls.find((one) => one.id === id).value;

/** A page with its camera's panel still closed, and the connections that it opened. */
async function open(options = {}) {
  const opened = { pictures: 0, changing: 0, most: 0, states: [] };
  const before = async (page) => {
    page.on("websocket", () => (opened.pictures += 1));
    page.on("request", (request) => {
      if (request.url().includes("/mjpeg")) opened.pictures += 1;
      if (request.method() === "PATCH") opened.most = Math.max(opened.most, (opened.changing += 1));
    });
    for (const end of ["requestfinished", "requestfailed"]) {
      page.on(end, (request) => request.method() === "PATCH" && (opened.changing -= 1));
    }
    await page.exposeFunction("told", (state) => opened.states.push(state));
  };
  const page = await openPage(browser, new URL("streams/one", root), { ...options, before });
  await until("a live picture", () => player(page).evaluate((element) => element.state === "live" || element.state));
  await until("a bright picture", async () => (await light(page)) > 40);
  await player(page).evaluate((element) => element.addEventListener("statechange", (event) => window.told(event.detail.state)));
  await page.waitForSelector(button);
  return { page, opened };
}

const button = 'e-tools button[aria-label^="Brightness, exposure"]';
const player = (page) => page.locator("eyeline-player").first();
const row = (page, id) => page.locator(`e-control[data-id="${id}"]`);
const slider = (page, id) => row(page, id).locator("input[type=range]");
const field = (page, id) => row(page, id).locator("#input");

/** The mean luminance of the picture that is shown, from 0 to 255, or of a part of its width. */
function light(page, from = 0, to = 1) {
  return player(page).evaluate(
    (element, [from, to]) => {
      const picture = element.shadowRoot.querySelector("canvas");
      if (!picture.width) return 0;
      const small = document.createElement("canvas");
      [small.width, small.height] = [64, 36];
      const context = small.getContext("2d");
      context.drawImage(picture, picture.width * from, 0, picture.width * (to - from), picture.height, 0, 0, 64, 36);
      const { data } = context.getImageData(0, 0, 64, 36);
      let sum = 0;
      for (let at = 0; at < data.length; at += 4) sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
      return sum / (data.length / 4);
    },
    [from, to],
  );
}
const untilLight = (page, what, holds) =>
  until(what, async () => {
    const now = await light(page);
    return holds(now) || now;
  });

await fetch(controls, { method: "DELETE" });
try {
  const { page, opened } = await open();
  const usual = await light(page);

  await step("the panel is opened by its button or by c, and closed by Escape", async () => {
    await page.keyboard.press("c");
    await page.waitForSelector("e-camera");
    await page.keyboard.press("Escape");
    await page.waitForSelector("e-camera", { state: "detached" });
    await page.click(button);
    await row(page, "brightness").waitFor();
    await slider(page, "brightness").focus();
    await page.keyboard.press("Escape");
    await page.waitForSelector("e-camera", { state: "detached" });
    // The focus is on the button again.
    await page.keyboard.press("Enter");
    await row(page, "brightness").waitFor();
    assert.equal(await field(page, "brightness").inputValue(), "128");
    await shot(page, "camera");
  });

  await step("brightness is moved by the keyboard to both ends, and the picture follows", async () => {
    await slider(page, "brightness").focus();
    await page.keyboard.press("End");
    await untilLight(page, "a brighter picture", (now) => now > usual + 40);
    assert.equal(await field(page, "brightness").inputValue(), "255");
    await until("255 at the camera", async () => same(await valueOf("brightness"), 255));
    await shot(page, "camera-bright");
    await page.keyboard.press("Home");
    await untilLight(page, "a darker picture", (now) => now < usual - 40);
    await until("0 at the camera", async () => same(await valueOf("brightness"), 0));
    await shot(page, "camera-dark");
  });

  await step("while it is dragged changes go one at a time, and no answer moves the thumb", async () => {
    const box = await slider(page, "brightness").boundingBox();
    const y = box.y + box.height / 2;
    const at = (part) => box.x + 8 + (box.width - 16) * part;
    const held = async (part) => {
      const value = Number(await slider(page, "brightness").inputValue());
      assert.ok(Math.abs(value - 255 * part) < 6, `the pointer is at ${255 * part}, the thumb at ${value}`);
    };
    await page.mouse.move(at(0), y);
    await page.mouse.down();
    for (let part = 0; part < 0.81; part += 0.02) {
      await page.mouse.move(at(part), y);
      await held(part);
    }
    await untilLight(page, "a brighter picture while it is held", (now) => now > usual + 20);
    await held(0.8);
    await page.mouse.up();
    const last = Number(await field(page, "brightness").inputValue());
    assert.ok(last > 190 && last < 220, `the last is ${last}`);
    await until("the newest value at the camera", async () => same(await valueOf("brightness"), last));
    assert.equal(Number(await slider(page, "brightness").inputValue()), last);
    assert.equal(opened.most, 1);
  });

  await step("a double click sets the default", async () => {
    const { width, height } = await slider(page, "brightness").boundingBox();
    await slider(page, "brightness").dblclick({ position: { x: width * 0.3, y: height / 2 } });
    await until("the default", async () => same(await valueOf("brightness"), 128));
    await until("the default on the page", async () => same(await slider(page, "brightness").inputValue(), "128"));
    await untilLight(page, "the picture as before", (now) => Math.abs(now - usual) < 15);
  });

  await step("what depends on another control says so, and can be set as soon as it is free", async () => {
    assert.equal(await field(page, "gain").isDisabled(), true);
    assert.equal(await row(page, "gain").locator(".why").innerText(), "automatic");
    await row(page, "gain").scrollIntoViewIfNeeded();
    await shot(page, "camera-automatic");
    await field(page, "gain_automatic").click();
    await until("the gain to be free", () => field(page, "gain").isEnabled());
    assert.equal(await row(page, "gain").locator(".why").count(), 0);
    await field(page, "gain").fill("42");
    await page.keyboard.press("Enter");
    await until("42 at the camera", async () => same(await valueOf("gain"), 42));
    await field(page, "gain_automatic").click();
    await until("the gain to be automatic", () => field(page, "gain").isDisabled());
  });

  await step("a control is found by the filter, and a switch turns the picture round", async () => {
    const left = await light(page, 0, 0.1);
    await page.fill("e-camera input[type=search]", "horizontal flip");
    await until("few controls", async () => (await page.locator("e-control").count()) <= 2);
    await field(page, "horizontal_flip").click();
    await until("a dark left end", async () => (await light(page, 0, 0.1)) < left - 40);
    await shot(page, "camera-filtered");
    await field(page, "horizontal_flip").click();
    await until("a bright left end", async () => (await light(page, 0, 0.1)) > left - 15);
    await page.fill("e-camera input[type=search]", "nothing like it");
    await page.waitForSelector("e-camera >> text=No control is called that");
    await page.keyboard.press("Escape");
    await row(page, "brightness").waitFor();
  });

  await step("a pattern is chosen from the driver's own list", async () => {
    await page.click('e-camera summary:has-text("Vivid Controls")');
    await field(page, "test_pattern").selectOption("100% White");
    await untilLight(page, "a white picture", (now) => now > 180);
    await shot(page, "camera-groups");
    await row(page, "test_pattern").locator(".reset").click();
    await untilLight(page, "the bars", (now) => Math.abs(now - usual) < 15);
  });

  await step("what the camera refuses is told beside the control, which goes back to what is true", async () => {
    await page.route("**/controls", (route) =>
      route.request().method() === "PATCH"
        ? route.fulfill({ status: 422, contentType: "application/json", body: '{"error":"the camera is not in the mood","code":"refused"}' })
        : route.continue(),
    );
    await slider(page, "contrast").focus();
    await page.keyboard.press("End");
    await row(page, "contrast").locator(".wrong:has-text('The camera is not in the mood.')").waitFor();
    await until("the true value", async () => same(await field(page, "contrast").inputValue(), "128"));
    await shot(page, "camera-refused");
    await page.unroute("**/controls");
    await page.keyboard.press("ArrowRight");
    await until("129 at the camera", async () => same(await valueOf("contrast"), 129));
    assert.equal(await row(page, "contrast").locator(".wrong").count(), 0);
  });

  await step("what was set is kept, and all is reset and forgotten", async () => {
    await page.click("e-camera footer >> text=Keep");
    await page.waitForSelector("e-camera footer >> text=/^\\d+ values? kept$/");
    assert.equal((await asked()).kept.contrast, 129);
    assert.equal(await page.locator("e-camera footer button").first().isDisabled(), true);
    await page.click("e-camera footer >> text=Reset all");
    await page.waitForSelector("e-camera footer >> text=Nothing kept");
    assert.deepEqual([await valueOf("contrast"), (await asked()).kept], [128, {}]);
    await until("the default on the page", async () => same(await field(page, "contrast").inputValue(), "128"));
  });

  await step("all the while the picture came over the one connection; who comes back finds the panel open", async () => {
    assert.deepEqual([opened.pictures, opened.states], [1, []]);
    await page.reload();
    await row(page, "brightness").waitFor();
    await page.context().close();
  });

  await step("on a phone the picture stays to be seen above the sliders", async () => {
    const { page: phone, opened } = await open(aPhone);
    await phone.tap(button);
    await row(phone, "brightness").waitFor();
    const [picture, sheet] = [await player(phone).boundingBox(), await phone.locator("e-camera").boundingBox()];
    assert.ok(picture.y >= 0 && picture.y + picture.height <= sheet.y + 1, `${JSON.stringify(picture)} above ${JSON.stringify(sheet)}`);
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), 390);
    const small = await phone.$$eval("e-camera footer button, e-camera header button, e-camera summary", (all) =>
      all.map((one) => [one.textContent.trim(), one.getBoundingClientRect().height]).filter(([, height]) => height < 44),
    );
    assert.deepEqual(small, []);
    const { width, height } = await slider(phone, "brightness").boundingBox();
    await slider(phone, "brightness").tap({ position: { x: width - 3, y: height / 2 } });
    await untilLight(phone, "a brighter picture", (now) => now > usual + 40);
    await shot(phone, "camera-phone-bright");
    await slider(phone, "brightness").tap({ position: { x: 3, y: height / 2 } });
    await untilLight(phone, "a darker picture", (now) => now < usual - 40);
    await shot(phone, "camera-phone-dark");
    assert.deepEqual([opened.pictures, opened.states], [1, []]);
    await phone.context().close();
    await fetch(controls, { method: "DELETE" });
  });

  await step("on a phone held across there are sliders beside the picture", async () => {
    const { page: phone } = await open({ ...aPhone, viewport: { width: 844, height: 390 } });
    await phone.tap(button);
    await row(phone, "contrast").waitFor();
    await shot(phone, "camera-phone-across");
    const [picture, panel, second] = [player(phone), phone.locator("e-camera .content"), row(phone, "contrast")];
    const [left, right, low] = [await picture.boundingBox(), await panel.boundingBox(), await second.boundingBox()];
    assert.ok(left.x + left.width <= right.x + 1 && left.height > 200, JSON.stringify(left));
    assert.ok(low.y + 44 < right.y + right.height, `${JSON.stringify(low)} in ${JSON.stringify(right)}`);
    await phone.context().close();
  });

  await step("by day it is legible, too", async () => {
    const { page: day } = await open({ colorScheme: "light" });
    await day.keyboard.press("c");
    await row(day, "brightness").waitFor();
    await shot(day, "camera-day");
    await day.context().close();
  });

  await step("nothing was complained of, and no policy was broken", nobodyComplained);
} finally {
  await browser.close();
}
