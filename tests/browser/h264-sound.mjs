// A stream with sound in Chromium: node h264-sound.mjs BASE. Nothing is heard until somebody wants
// it, by the button or by the key; the page says what sound there is, and where it does not come along.
import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";
import { nobodyComplained, open, same, shot, step, until } from "./steps.mjs";

const base = process.argv[2];
const browser = await launch();
try {
  const page = await open(browser, `${base}streams/cam`);
  await page.waitForSelector("eyeline-player");
  const player = page.locator("eyeline-player").first();
  const heard = () =>
    player.evaluate((player) => {
      const video = player.shadowRoot.querySelector("video");
      return { sound: player.sound, muted: player.muted, video: video.muted, decoded: video.webkitAudioDecodedByteCount > 0 };
    });
  const silent = { sound: true, muted: true, video: true, decoded: false };

  await step("a stream with sound begins without a word", async () => {
    await until("sound by Media Source", async () => {
      const now = { ...(await heard()), transport: await player.evaluate((player) => player.stats.transport) };
      return same(now, { ...silent, transport: "mse" });
    });
  });

  await step("it is heard when it is wanted, and not when it is not", async () => {
    await page.getByRole("button", { name: "Unmute" }).click();
    await until("sound", async () => same(await heard(), { sound: true, muted: false, video: false, decoded: true }));
    await page.keyboard.press("m");
    await until("silence", async () => same(await heard(), silent));
    await page.keyboard.press("m");
    await until("sound again", async () => same((await heard()).muted, false));
    await until("that it goes on, live", () =>
      player.evaluate((player) => {
        const { state, age_ms } = player.stats;
        return (state === "live" && age_ms !== null && age_ms < 500) || { state, age_ms };
      }),
    );
  });

  await step("HLS has it, too", async () => {
    await page.getByLabel("Transport").selectOption("hls");
    await until("sound by HLS", async () => {
      const now = { ...(await heard()), transport: await player.evaluate((player) => player.stats.transport) };
      return same(now, { sound: true, muted: false, video: false, decoded: true, transport: "hls" });
    });
    await page.getByLabel("Transport").selectOption("auto");
    await until("sound by Media Source", async () => same(await heard(), { sound: true, muted: false, video: false, decoded: true }));
  });

  await step("the details say what sound there is, and that it does not come along with JPEGs", async () => {
    await page.keyboard.press("d");
    const said = () => page.locator("e-graphs dl").innerText();
    await until("the codec", async () => /Sound\s+AAC, 48 kHz, stereo\s/.test(await said()) || (await said()));
    await shot(page, "sound");
    await page.getByLabel("Transport").selectOption("ws");
    await until("that it is missing", async () => /stereo, not by WebSocket/.test(await said()) || (await said()));
    assert.equal(await page.getByRole("button", { name: "Mute", exact: true }).count(), 0);
  });
  nobodyComplained();
} finally {
  await browser.close();
}
