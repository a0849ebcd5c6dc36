// A page such as Flask's tutorials serve, with a stream as an image, in Chromium:
// node embed.mjs BASE PATH. Ends when the picture has moved.
import { launch } from "./chromium.mjs";

const [base, path] = process.argv.slice(2);
const template = `<html><head><title>Live</title></head><body><h1>Live</h1><img src="${path}"></body></html>`;

const browser = await launch();
try {
  const page = await browser.newPage();
  // The page comes from the program that is replaced, at the same address.
  await page.route(`${base}/index.html`, (route) =>
    route.fulfill({ contentType: "text/html", body: template }),
  );
  await page.goto(`${base}/index.html`, { waitUntil: "commit" });
  await page.waitForFunction(() => document.querySelector("img")?.naturalWidth > 0);
  await page.evaluate(async () => {
    const picture = document.querySelector("img");
    const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const look = () => {
      context.drawImage(picture, 0, 0);
      return context.getImageData(0, 0, canvas.width, canvas.height).data.join();
    };
    const first = look();
    while (look() === first) await new Promise(requestAnimationFrame);
    document.title = `${canvas.width}x${canvas.height}`;
  });
  console.log(await page.title());
} finally {
  await browser.close();
}
