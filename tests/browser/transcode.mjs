// A stream of JPEGs in Chromium: node transcode.mjs BASE. The player takes JPEGs by itself; told to
// use Media Source, it plays the H.264 that is made of them, near the newest picture.
import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";

const step = async (what, done) => {
  await done();
  console.log(`ok: ${what}`);
};

const base = process.argv[2];
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 900, height: 700 } });
  const player = page.locator("eyeline-player").first();
  const failures = [];
  page.on("pageerror", (error) => failures.push(error.message));
  await page.goto(`${base}streams/cam`);
  await page.waitForSelector("eyeline-player");

  await step("the player takes JPEGs", async () => {
    await player.evaluate(async (player) => {
      while (player.stats.transport !== "ws" || player.state !== "live") await new Promise(requestAnimationFrame);
    });
  });

  await step("told so, it plays H.264 of now", async () => {
    const played = await player.evaluate(async (player) => {
      player.setAttribute("transport", "mse");
      while (player.stats.transport !== "mse" || player.state !== "live") await new Promise(requestAnimationFrame);
      const video = player.shadowRoot.querySelector("video");
      const ages = [];
      await new Promise((enough) => {
        player.addEventListener("frame", ({ detail }) => {
          if (detail.age_ms !== null) ages.push(detail.age_ms);
          if (ages.length === 60) enough();
        });
      });
      return {
        ages: ages.sort((a, b) => a - b),
        width: video.videoWidth,
        height: video.videoHeight,
        error: video.error?.message ?? null,
      };
    });
    console.log(JSON.stringify({ ...played, ages: [played.ages[0], played.ages[30], played.ages[59]] }));
    assert.equal(played.error, null);
    assert.deepEqual([played.width, played.height], [640, 360]);
  });

  await step("and smaller H.264 for a lower quality", async () => {
    const seen = await player.evaluate(async (player) => {
      player.quality = "low";
      const video = player.shadowRoot.querySelector("video");
      while (video.videoHeight !== 320) await new Promise(requestAnimationFrame);
      return [player.stats.transport, player.stats.quality];
    });
    assert.deepEqual(seen, ["mse", "low"]);
  });

  assert.deepEqual(failures, []);
} finally {
  await browser.close();
}
