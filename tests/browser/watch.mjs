// Opens a stream's page in Chromium and prints the numbers drawn in the pictures it
// shows, a line each, as they change: node watch.mjs URL COUNT
import { launch } from "./chromium.mjs";

const [url, count] = [process.argv[2], Number(process.argv[3])];

const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.exposeFunction("seen", (number) => console.log(number));
  await page.goto(url);
  await page.waitForSelector("eyeline-player");
  await page.evaluate(async (count) => {
    const stage = document.querySelector("eyeline-stream").shadowRoot;
    const player = stage.querySelector("eyeline-player");
    // What is painted on the screen.
    const picture = player.shadowRoot.querySelector("canvas");
    const canvas = new OffscreenCanvas(16, 1);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    let last = null;
    let left = count;
    let told;
    await new Promise((done) => {
      const look = () => {
        const scale = picture.width / 768;
        for (let bit = 0; bit < 16; bit++) {
          context.drawImage(picture, (bit * 24 + 10) * scale, 10 * scale, 4, 4, bit, 0, 1, 1);
        }
        const pixels = context.getImageData(0, 0, 16, 1).data;
        let number = 0;
        for (let bit = 0; bit < 16; bit++) number = number * 2 + (pixels[bit * 4] > 127 ? 1 : 0);
        // They count from 1: 0 is a canvas on which nothing was painted yet.
        if (number === 0 || number === last || left === 0) return;
        last = number;
        told = window.seen(number);
        if (--left === 0) done();
      };
      player.addEventListener("frame", look);
      // A picture may have come before there was anybody to tell.
      if (picture.width > 0) look();
    });
    await told;
  }, count);
} finally {
  await browser.close();
}
