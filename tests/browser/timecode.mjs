// Reads the time in the pixels of Eyeline's test pattern (crates/media/src/timecode.rs); runs in pages.

/** Microseconds since 1970, or null if there is no patch that can be read. `picture` is what a canvas can draw. */
export function readTime(picture, width, height) {
  const COLUMNS = 40;
  const [left, top] = [Math.floor((2 * width) / 64), Math.floor((33 * height) / 36)];
  const [right, bottom] = [Math.floor((42 * width) / 64), Math.floor((35 * height) / 36)];
  const canvas = (window.timecodeCanvas ??= new OffscreenCanvas(1, 1));
  [canvas.width, canvas.height] = [right - left, bottom - top];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, left, top, right - left, bottom - top, 0, 0, right - left, bottom - top);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);

  /** The mean of the middle of a cell; green is most of what is light. */
  const cell = (row, column) => {
    const [x0, x1] = [4 * (column + 2) + 1, 4 * (column + 2) + 3].map((at) => Math.floor((at * width) / 256) - left);
    const [y0, y1] = [4 * (row + 33) + 1, 4 * (row + 33) + 3].map((at) => Math.floor((at * height) / 144) - top);
    let sum = 0;
    let count = 0;
    for (let y = y0; y < Math.max(y1, y0 + 1); y += 1) {
      for (let x = x0; x < Math.max(x1, x0 + 1); x += 1) {
        sum += data[(y * canvas.width + x) * 4 + 1];
        count += 1;
      }
    }
    return sum / count;
  };
  const mean = (cells) => cells.reduce((sum, [row, column]) => sum + cell(row, column), 0) / cells.length;
  const light = mean([[0, 0], [0, 38], [1, 1], [1, 39]]);
  const dark = mean([[0, 1], [0, 39], [1, 0], [1, 38]]);
  if (light - dark < 32) return null;
  let bits = "";
  for (let row = 0; row < 2; row += 1) {
    for (let column = 2; column < COLUMNS - 2; column += 1) bits += cell(row, column) > (light + dark) / 2 ? "1" : "0";
  }
  const bytes = bits.match(/.{8}/g).map((byte) => parseInt(byte, 2));
  let crc = 0xffff;
  for (const byte of bytes.slice(0, 7)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  if (crc !== bytes[7] * 256 + bytes[8]) return null;
  return bytes.slice(0, 7).reduce((time, byte) => time * 256 + byte, 0);
}

/** A function for the page: the age in milliseconds of the picture a video element shows, or null. */
const AGE_OF = `(video) => {
  const now = Date.now();
  const made = (${readTime})(video, video.videoWidth, video.videoHeight);
  return made === null ? null : now - made / 1000;
}`;

/** The ages of so many pictures that a page's video element shows from now on, in order of size. */
export async function ages(page, count) {
  const seen = await page.evaluate(
    async ([ageOf, count]) => {
      const video = document.querySelector("video");
      const read = eval(ageOf);
      const stateOf = ({ currentTime, readyState, paused, buffered }) => {
        const ranges = Array.from({ length: buffered.length }, (_, i) => `${buffered.start(i)}-${buffered.end(i)}`);
        const parts = window.hls?.latestLevelDetails?.partList?.slice(-3).map(({ start, duration }) => [start, duration]);
        return JSON.stringify({ currentTime, readyState, paused, ranges, errors: window.errors, parts });
      };
      const ages = [];
      for (let shown = 0; ages.length < count && shown < 20 * count; shown += 1) {
        await new Promise((next, fail) => {
          video.requestVideoFrameCallback(next);
          setTimeout(() => fail(new Error(`no picture: ${stateOf(video)}`)), 20_000);
        });
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
