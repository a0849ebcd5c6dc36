// Reads the time of capture that the test pattern has in its pixels (crates/media/src/timecode.rs
// says how), so that the age of what is on display can be told whichever way it came.

/** A function for the page: the age in milliseconds of the picture a video element shows, or null. */
export const AGE_OF = `(video) => {
  const [width, height] = [video.videoWidth, video.videoHeight];
  const now = Date.now();
  const canvas = (window.ageCanvas ??= document.createElement("canvas"));
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  const top = Math.floor((33 * height) / 36);
  const { data } = context.getImageData(0, top, width, height - top);
  const shade = (row, column) => {
    let [sum, count] = [0, 0];
    const [left, right] = [4 * column + 1, 4 * column + 3].map((at) => Math.floor((at * width) / 256));
    const [above, below] = [4 * row + 1, 4 * row + 3].map((at) => Math.floor((at * height) / 144) - top);
    for (let y = above; y < below; y += 1) {
      for (let x = left; x < right; x += 1) {
        sum += data[4 * (y * width + x) + 1];
        count += 1;
      }
    }
    return sum / count;
  };
  const corners = [[33, 2, 1], [33, 3, 0], [33, 40, 1], [33, 41, 0], [34, 2, 0], [34, 3, 1], [34, 40, 0], [34, 41, 1]];
  const mean = (bit) => corners.filter(([, , is]) => is === bit).reduce((sum, [row, column]) => sum + shade(row, column), 0) / 4;
  const [light, dark] = [mean(1), mean(0)];
  if (light - dark < 32) return null;
  const bits = [];
  for (const row of [33, 34]) {
    for (let column = 4; column < 40; column += 1) bits.push(shade(row, column) > (light + dark) / 2 ? 1 : 0);
  }
  const number = (from, to) => bits.slice(from, to).reduce((sum, bit) => sum * 2 + bit, 0);
  let crc = 0xffff;
  for (let byte = 0; byte < 7; byte += 1) {
    crc ^= number(8 * byte, 8 * byte + 8) << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  if (crc !== number(56, 72)) return null;
  return now - number(0, 56) / 1000;
}`;

/** The ages of so many pictures that a page's video element shows from now on, in order of size. */
export async function ages(page, count) {
  const seen = await page.evaluate(
    async ([ageOf, count]) => {
      const video = document.querySelector("video");
      const read = eval(ageOf);
      const ages = [];
      for (let shown = 0; ages.length < count && shown < 20 * count; shown += 1) {
        await new Promise((next) => video.requestVideoFrameCallback(next));
        const age = read(video);
        if (age !== null) ages.push(Math.round(age));
      }
      return ages;
    },
    [AGE_OF, count],
  );
  return seen.sort((a, b) => a - b);
}

/** A step with its name, said when it is done. */
export async function step(what, done) {
  await done();
  console.log(`ok: ${what}`);
}
