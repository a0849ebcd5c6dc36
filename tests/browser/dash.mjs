// DASH with low latency in Chromium by Shaka Player: node dash.mjs BASE. The stream `cam` shows the
// test pattern with its time of capture.
import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";
import { ages, step } from "./timecode.mjs";

const base = process.argv[2];
const browser = await launch(["--autoplay-policy=no-user-gesture-required"]);
try {
  const page = await browser.newPage();
  const failures = [];
  page.on("pageerror", (error) => failures.push(error.message));
  await page.goto(`${base}health`);
  await page.addScriptTag({
    path: new URL("node_modules/shaka-player/dist/shaka-player.compiled.js", import.meta.url).pathname,
  });

  await step("Shaka Player plays it", async () => {
    await page.evaluate(async (source) => {
      const video = document.createElement("video");
      video.muted = true;
      document.body.append(video);
      const player = new shaka.Player();
      const errors = [];
      Object.assign(window, { player, errors });
      player.addEventListener("error", ({ detail }) => errors.push(`${detail.code} ${detail.data}`));
      await player.attach(video);
      player.configure({ streaming: { lowLatencyMode: true } });
      try {
        await player.load(source);
      } catch (error) {
        throw new Error(`${error.code} ${error.data}`);
      }
      await video.play();
      while (video.currentTime === 0 || video.videoWidth === 0) await new Promise(requestAnimationFrame);
    }, `${base}streams/cam/dash/manifest.mpd`);
  });

  await step("pictures go on", async () => {
    await ages(page, 90);
    const seen = await ages(page, 150);
    const told = await page.evaluate(() => {
      const video = document.querySelector("video");
      const { liveLatency, droppedFrames, decodedFrames } = player.getStats();
      const [track] = player.getVariantTracks();
      return {
        errors,
        liveLatency,
        droppedFrames,
        decodedFrames,
        size: [video.videoWidth, video.videoHeight],
        live: player.isLive(),
        sound: track?.audioCodec ?? null,
      };
    });
    console.log(`age median ${seen[seen.length >> 1]} ms, least ${seen[0]}, most ${seen.at(-1)} ms`, JSON.stringify(told));
    assert.deepEqual([told.errors, told.size, told.live], [[], [640, 360], true]);
    assert.equal(seen.length, 150);
    assert.equal(told.sound !== null, process.argv[3] === "sound");
  });
  assert.deepEqual(failures, []);
} finally {
  await browser.close();
}
