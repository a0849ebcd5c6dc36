// A stream of H.264 in Chromium: node h264.mjs BASE. The player turns to Media Source by itself
// and plays on, near the newest picture; a video element plays live.mp4.
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

  await step("the player turns to Media Source", async () => {
    await page.waitForSelector("eyeline-player");
    await player.evaluate(async (player) => {
      while (player.stats.transport !== "mse" || player.state !== "live") await new Promise(requestAnimationFrame);
    });
  });

  await step("pictures come one after the other, of now, and none is lost", async () => {
    const played = await player.evaluate(async (player) => {
      const video = player.shadowRoot.querySelector("video");
      const ages = [];
      const numbers = [];
      // The first have to catch up.
      for (let seen = 0; seen < 60; seen += 1) {
        await new Promise((next) => player.addEventListener("frame", next, { once: true }));
      }
      const before = video.getVideoPlaybackQuality();
      await new Promise((enough) => {
        player.addEventListener("frame", ({ detail }) => {
          numbers.push(detail.frame_number);
          if (detail.age_ms !== null) ages.push(detail.age_ms);
          if (numbers.length === 150) enough();
        });
      });
      const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
      const end = video.buffered.end(video.buffered.length - 1);
      return {
        ages: ages.sort((a, b) => a - b),
        numbers,
        width: video.videoWidth,
        height: video.videoHeight,
        error: video.error?.message ?? null,
        hidden: video.hidden,
        total: totalVideoFrames - before.totalVideoFrames,
        dropped: droppedVideoFrames - before.droppedVideoFrames,
        currentTime: video.currentTime,
        end,
        rate: video.playbackRate,
        stats: player.stats,
      };
    });
    const { ages, numbers, ...rest } = played;
    console.log(`age median ${ages[ages.length >> 1]} ms, most ${ages.at(-1)} ms`, JSON.stringify(rest));
    assert.deepEqual([played.width, played.height, played.error, played.hidden], [640, 360, null, false]);
    assert(numbers.every((number, index) => index === 0 || number > numbers[index - 1]));
    assert(played.dropped < played.total / 5, `${played.dropped} of ${played.total} dropped`);
    assert(played.currentTime > 1 && played.stats.state === "live");
  });

  await step("a lower quality is smaller H.264, not JPEGs", async () => {
    const sizes = await player.evaluate(async (player) => {
      const video = player.shadowRoot.querySelector("video");
      const seen = async (quality, height) => {
        player.quality = quality;
        while (player.stats.quality !== quality || video.videoHeight !== height) await new Promise(requestAnimationFrame);
        const { detail } = await new Promise((next) => player.addEventListener("frame", next, { once: true }));
        return [player.stats.transport, detail.width, detail.height, video.videoHeight];
      };
      return [await seen("low", 320), await seen("source", 360)];
    });
    assert.deepEqual(sizes.map(([transport]) => transport), ["mse", "mse"]);
    assert.deepEqual(sizes.map((size) => size[3]), [320, 360]);
  });

  await step("HLS tells the age of its pictures", async () => {
    const age = await player.evaluate(async (player) => {
      player.transport = "hls";
      while (player.stats.transport !== "hls" || player.stats.age_ms === null) await new Promise(requestAnimationFrame);
      const { age_ms } = player.stats;
      player.transport = "auto";
      return age_ms;
    });
    console.log(`${Math.round(age)} ms by HLS`);
    assert(age > 100 && age < 10_000, `${age} ms`);
  });

  if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });

  await step("live.mp4 plays as a file", async () => {
    const other = await browser.newPage();
    await other.goto(`${base}health`);
    const size = await other.evaluate(async (src) => {
      const video = document.createElement("video");
      video.muted = true;
      video.src = src;
      document.body.append(video);
      await video.play();
      const begun = video.currentTime;
      while (video.currentTime < begun + 1) {
        if (video.error) throw new Error(video.error.message);
        await new Promise(requestAnimationFrame);
      }
      return [video.videoWidth, video.videoHeight];
    }, `${base}streams/cam/live.mp4`);
    assert.deepEqual(size, [640, 360]);
  });
  assert.deepEqual(failures, []);
} finally {
  await browser.close();
}
