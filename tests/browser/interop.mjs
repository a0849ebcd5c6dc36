// A page that plays the stream `cam`: node interop.mjs KIND BASE, where KIND is one of those below.
// A line a picture: `shot AT MADE`, when it was shown and the time in its pixels, both in
// microseconds, for six seconds from the first on. Standard error tells when it joins: `join AT`, and `sound`.
import { launch } from "./chromium.mjs";
import { readTime } from "./timecode.mjs";

const [kind, base] = process.argv.slice(2);
const WATCHED_MS = 6000;

/** What a page does to play, and where its pictures are to be seen. */
const KINDS = {
  async player(base) {
    await import(`${base}player.js`);
    const player = document.createElement("eyeline-player");
    player.src = `${base}streams/cam`;
    player.style.width = "640px";
    document.body.append(player);
    return player.shadowRoot.querySelector("video");
  },
  video(base) {
    const video = document.createElement("video");
    video.muted = true;
    video.src = `${base}streams/cam/live.mp4`;
    document.body.append(video);
    void video.play();
    return video;
  },
  hls: (base) => window.playHls(base, true),
  "hls-plain": (base) => window.playHls(base, false),
  async dash(base) {
    shaka.polyfill.installAll();
    const video = document.createElement("video");
    video.muted = true;
    document.body.append(video);
    const player = new shaka.Player();
    await player.attach(video);
    player.addEventListener("error", ({ detail }) => console.error(`shaka ${detail.code}`));
    player.configure({ streaming: { lowLatencyMode: true } });
    void player.load(`${base}streams/cam/dash/manifest.mpd`).then(() => video.play());
    return video;
  },
  image(base) {
    const image = new Image();
    image.src = `${base}streams/cam/mjpeg`;
    document.body.append(image);
    return image;
  },
};

function playHls(base, lowLatencyMode) {
  const video = document.createElement("video");
  video.muted = true;
  document.body.append(video);
  const hls = new Hls({ lowLatencyMode });
  hls.on(Hls.Events.ERROR, (_, { fatal, details }) => fatal && console.error(details));
  hls.loadSource(`${base}streams/cam/hls/index.m3u8`);
  hls.attachMedia(video);
  void video.play();
  return video;
}

/** Tells of each picture that is to be seen. */
function follow(screen) {
  const clock = () => Math.round((performance.timeOrigin + performance.now()) * 1000);
  if (screen instanceof HTMLVideoElement) {
    const next = () =>
      screen.requestVideoFrameCallback(() => {
        const at = clock();
        const made = window.readTime(screen, screen.videoWidth, screen.videoHeight);
        window.shot(at, made, screen.getRootNode().host?.sound ?? screen.webkitAudioDecodedByteCount > 0);
        next();
      });
    return next();
  }
  let last = null;
  const look = () => {
    const at = clock();
    if (screen.naturalWidth > 0) {
      const made = window.readTime(screen, screen.naturalWidth, screen.naturalHeight);
      if (made !== last) window.shot(at, made);
      last = made;
    }
    requestAnimationFrame(look);
  };
  look();
}

/** Adds a library to the page; the policy of the server's own pages is set aside for it. */
const library = (page, path) => page.addScriptTag({ path: new URL(`node_modules/${path}`, import.meta.url).pathname });
const LIBRARIES = { hls: "hls.js/dist/hls.min.js", "hls-plain": "hls.js/dist/hls.min.js", dash: "shaka-player/dist/shaka-player.compiled.js" };

const browser = await launch(["--autoplay-policy=no-user-gesture-required"]);
try {
  const page = await browser.newPage({ bypassCSP: true });
  page.on("pageerror", (error) => console.error(error.message));
  page.on("console", (message) => message.type() === "error" && console.error(message.text()));
  await page.goto(`${base}api/docs`);
  await page.evaluate("document.body.replaceChildren()");
  if (LIBRARIES[kind]) await library(page, LIBRARIES[kind]);
  await page.evaluate(`window.readTime = ${readTime}; window.playHls = ${playHls}`);
  const enough = new Promise((done) => {
    let [end, heard] = [null, false];
    page.exposeFunction("shot", (at, made, sound) => {
      if (sound && !heard) console.error("sound");
      heard ||= sound;
      console.log(`shot ${at} ${made ?? "-"}`);
      end ??= setTimeout(done, WATCHED_MS);
    }).then(() => {
      console.error(`join ${Date.now() * 1000}`);
      return page.evaluate(`(async () => (${follow})(await (${method(KINDS[kind])})("${base}")))()`);
    }).catch((error) => {
      console.error(error.message);
      done();
    });
    setTimeout(done, 25_000);
  });
  await enough;
} finally {
  await browser.close();
}

/** A method of an object as a function of its own. */
function method(of) {
  const text = String(of);
  if (text.startsWith("(")) return text;
  return text.startsWith("async ") ? text.replace(/^async \w+/, "async function") : text.replace(/^\w+/, "function");
}
