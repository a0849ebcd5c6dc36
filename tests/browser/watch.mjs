// Opens a stream's page in Chromium and prints the numbers drawn in the pictures it
// shows, a line each, as they change: node watch.mjs URL COUNT
import { launch } from "./chromium.mjs";

const [url, count] = [process.argv[2], Number(process.argv[3])];

const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.exposeFunction("seen", (number) => console.log(number));
  await page.goto(url);
  await page.waitForFunction(() => document.querySelector("img")?.naturalWidth > 0);
  await page.evaluate(async (count) => {
    const picture = document.querySelector("img");
    const canvas = new OffscreenCanvas(16, 1);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    let last = null;
    for (let distinct = 0; distinct < count; ) {
      await new Promise(requestAnimationFrame);
      const scale = picture.naturalWidth / 768;
      for (let bit = 0; bit < 16; bit++) {
        context.drawImage(picture, (bit * 24 + 10) * scale, 10 * scale, 4, 4, bit, 0, 1, 1);
      }
      const pixels = context.getImageData(0, 0, 16, 1).data;
      let number = 0;
      for (let bit = 0; bit < 16; bit++) number = number * 2 + (pixels[bit * 4] > 127 ? 1 : 0);
      if (number !== last) {
        last = number;
        distinct++;
        await window.seen(number);
      }
    }
  }, count);
} finally {
  await browser.close();
}
