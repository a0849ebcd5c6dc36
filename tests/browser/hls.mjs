// HLS with low latency in Chromium by hls.js: node hls.mjs BASE. The stream `cam` shows the test
// pattern with its time of capture.
import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";
import { ages, step } from "./timecode.mjs";

const base = process.argv[2];
/** From the camera to the screen. */
const MOST_MS = 1000;
const browser = await launch(["--autoplay-policy=no-user-gesture-required"]);
try {
  const page = await browser.newPage();
  const failures = [];
  page.on("pageerror", (error) => failures.push(error.message));
  await page.goto(`${base}health`);
  await page.addScriptTag({ path: new URL("node_modules/hls.js/dist/hls.min.js", import.meta.url).pathname });

  const play = () =>
    page.evaluate(async (source) => {
      window.hls?.destroy();
      document.querySelector("video")?.remove();
      const video = document.createElement("video");
      video.muted = true;
      document.body.append(video);
      const hls = new Hls({ lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.1 });
      const [fatal, errors] = [[], []];
      Object.assign(window, { hls, fatal, errors, codecs: [] });
      hls.on(Hls.Events.ERROR, (_, { details, fatal: is, error }) => (is ? fatal : errors).push(`${details} ${error?.message}`));
      hls.on(Hls.Events.BUFFER_CODECS, (_, tracks) => window.codecs.push(...Object.keys(tracks)));
      hls.loadSource(source);
      hls.attachMedia(video);
      // It never plays if something is wrong.
      void video.play().catch((error) => fatal.push(error.message));
      while (video.currentTime === 0 || video.videoWidth === 0) {
        if (fatal.length > 0) throw new Error(fatal.join());
        await new Promise(requestAnimationFrame);
      }
    }, `${base}streams/cam/hls/index.m3u8`);
  await step("hls.js plays it with low latency", play);

  await step("pictures go on, of a moment ago, and by parts", async () => {
    await ages(page, 90);
    let seen = await ages(page, 150);
    const median = () => seen[seen.length >> 1];
    // hls.js never makes up for what it loses while it begins: once more if the machine was busy then.
    if (median() > MOST_MS) {
      console.log(`again, as it was ${median()} ms`);
      await play();
      await ages(page, 90);
      seen = await ages(page, 150);
    }
    const told = await page.evaluate(() => {
      const details = hls.latestLevelDetails;
      const video = document.querySelector("video");
      const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
      return {
        fatal,
        latency: hls.latency,
        target: hls.targetLatency,
        partTarget: details?.partTarget,
        parts: details?.partList?.length ?? 0,
        blocks: details?.canBlockReload,
        tracks: [...new Set(window.codecs)],
        size: [video.videoWidth, video.videoHeight],
        total: totalVideoFrames,
        dropped: droppedVideoFrames,
      };
    });
    console.log(`age median ${median()} ms, least ${seen[0]}, most ${seen.at(-1)} ms`, JSON.stringify(told));
    assert.deepEqual([told.fatal, told.size, told.blocks], [[], [640, 360], true]);
    assert(seen.length === 150 && told.parts > 0);
    assert(median() <= MOST_MS, `${median()} ms from the camera to the screen`);
    assert.deepEqual(told.tracks.includes("audio"), process.argv[3] === "sound");
  });
  assert.deepEqual(failures, []);
} finally {
  await browser.close();
}
