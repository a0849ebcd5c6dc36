// A player of H.264 that is not looked at for a while: node h264-lasting.mjs BASE. It stops in a
// tab in the background, a frozen page holds little, and both are live again soon.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { launch } from "./chromium.mjs";
import { nobodyComplained, open, step, until } from "./steps.mjs";

const base = process.argv[2];
const browser = await launch();
const AWAY_MS = Number(process.env.AWAY_MS ?? 5000);

/** A managed Media Source as iPhones have it, and pages that are hidden when the script says so. */
function stage() {
  window.sources = [];
  if (location.search.includes("managed")) {
    window.ManagedMediaSource = class extends MediaSource {
      streaming = true;
      constructor() {
        super();
        window.sources.push(this);
      }
      turn(streaming) {
        this.streaming = streaming;
        this.dispatchEvent(new Event(streaming ? "startstreaming" : "endstreaming"));
      }
    };
    delete window.MediaSource;
  }
  let hidden = false;
  Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
  Object.defineProperty(document, "hidden", { get: () => hidden });
  window.turnAway = (value) => {
    hidden = value;
    document.dispatchEvent(new Event("visibilitychange"));
  };
}

const watch = async (query) => {
  const page = await open(browser, `${base}streams/cam${query}`, { before: (page) => page.addInitScript(stage) });
  await page.waitForSelector("eyeline-player");
  const player = page.locator("eyeline-player").first();
  const far = () => player.evaluate((player) => {
    const video = player.shadowRoot.querySelector("video");
    const { buffered } = video;
    const seconds = buffered.length ? buffered.end(buffered.length - 1) - buffered.start(0) : 0;
    return { state: player.state, transport: player.stats.transport, age: player.stats.age_ms, fps: player.stats.fps, rate: video.playbackRate, seconds };
  });
  const live = (what) =>
    until(what, async () => {
      const now = await far();
      // The machine that tests may be slow; a player that does not catch up is seconds behind.
      return (now.state === "live" && now.transport === "mse" && now.age !== null && now.age < 500) || now;
    });
  return { page, player, far, live };
};

/** Lets no page do anything for a while, as a machine does that sleeps. */
async function freeze(ms) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const pages = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  for (const id of pages) process.kill(id, "SIGSTOP");
  await pause(ms);
  for (const id of pages) process.kill(id, "SIGCONT");
}

try {
  await step("a tab in the background plays nothing, and is live again when it is looked at", async () => {
    const { page, player, far, live } = await watch("");
    await live("live before");
    await page.evaluate("turnAway(true)");
    await until("nothing to be played", async () => {
      const { state, transport } = await far();
      return (state === "suspended" && transport === null) || state;
    });
    await pause(AWAY_MS);
    const began = Date.now();
    await page.evaluate("turnAway(false)");
    await player.evaluate((player) => new Promise((next) => player.addEventListener("frame", next, { once: true })));
    console.log(`      a picture ${Date.now() - began} ms after the return`);
    await live("live after");
    console.log(`      live ${Date.now() - began} ms after the return`, await far());
    await page.context().close();
  });

  /** Brings the video so many seconds behind; gives how often it sought and how fast it played until it is live. */
  const fallBehind = async (seconds) => {
    const { page, player, live } = await watch("");
    await live("live before");
    // To the end of the newest picture: what was seen once is told no age of.
    const behind = () =>
      player.evaluate((player) => {
        const { buffered, currentTime } = player.shadowRoot.querySelector("video");
        return buffered.end(buffered.length - 1) - currentTime;
      });
    // With what is past in hand, and as near as it comes.
    await pause(seconds * 1000);
    const before = await behind();
    await player.evaluate((player, seconds) => {
      const video = player.shadowRoot.querySelector("video");
      window.seen = { sought: 0, rate: 1 };
      video.addEventListener("seeking", () => (window.seen.sought += 1));
      video.addEventListener("ratechange", () => (window.seen.rate = Math.max(window.seen.rate, video.playbackRate)));
      video.currentTime -= seconds;
    }, seconds);
    await until("a picture of now", async () => (await behind()) < before + 0.15 || behind());
    const seen = await page.evaluate("seen");
    await page.context().close();
    return seen;
  };

  await step("what is a little behind catches up by playing faster", async () => {
    const { sought, rate } = await fallBehind(0.6);
    assert.equal(sought, 1, "it need not jump");
    assert(rate > 1 && rate <= 1.5, `it played at ${rate}`);
  });

  await step("what is far behind jumps", async () => {
    const { sought } = await fallBehind(3);
    assert.equal(sought, 2);
  });

  await step("a page that was frozen jumps to what is live, and what it holds is bounded", async () => {
    const { page, far, live } = await watch("");
    await live("live before");
    await freeze(AWAY_MS);
    const began = Date.now();
    await live("live after");
    const now = await far();
    console.log(`      live ${Date.now() - began} ms after the thaw`, now);
    // Up to two groups of pictures and what is kept of the past.
    assert(now.seconds < 40, `${now.seconds} s are held`);
    await page.context().close();
  });

  await step("a managed Media Source gets nothing while it wants nothing, and goes on where it is live", async () => {
    const { page, live, far } = await watch("?managed");
    await live("live by a managed one");
    const held = () => page.evaluate(() => sources.at(-1).activeSourceBuffers[0]?.buffered.end(0));
    await page.evaluate("sources.at(-1).turn(false)");
    await pause(300);
    const before = await held();
    await pause(1500);
    assert.equal(await held(), before, "it was fed all the same");
    await page.evaluate("sources.at(-1).turn(true)");
    await live("live again");
    assert.equal(await page.evaluate("'MediaSource' in window"), false);
    console.log("     ", await far());
    await page.context().close();
  });
  nobodyComplained();
} finally {
  await browser.close();
}
