// After the build: makes addresses relative to where each page is served, writes .gz
// beside each text file, and holds the player to its size.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const PLAYER_MOST_BYTES = 40_000;
const dist = new URL("../dist/", import.meta.url);

// Where the pages stand, seen from the root of the server. An error can stand anywhere,
// so the server puts in the way to its root.
const ROOT_OF_PAGE = {
  "index.html": "./",
  "stream.html": "../",
  "docs.html": "../",
  "error.html": "{{base}}",
};

for (const [page, root] of Object.entries(ROOT_OF_PAGE)) {
  const file = new URL(page, dist);
  const html = await readFile(file, "utf8");
  await writeFile(file, html.replaceAll('="./assets/', `="${root}assets/`));
}

async function* files(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const url = new URL(entry.name + (entry.isDirectory() ? "/" : ""), folder);
    if (entry.isDirectory()) yield* files(url);
    else yield url;
  }
}

const sizes = [];
for await (const file of files(dist)) {
  if (!/\.(html|js|css|svg)$/.test(file.pathname)) continue;
  const text = await readFile(file);
  if (/(?:https?:)?\/\/[a-z0-9-]+\.[a-z]{2,}/i.test(hostCalls(text.toString()))) {
    throw new Error(`${fileURLToPath(file)} names another host`);
  }
  const packed = gzipSync(text, { level: 9 });
  await writeFile(new URL(`${file.href}.gz`), packed);
  sizes.push([file.pathname.slice(dist.pathname.length), text.length, packed.length]);
}

/** What a browser would load: addresses in src, href, url(), import and fetch. */
function hostCalls(text) {
  const called = /(?:src|href)=["']([^"']*)|url\(([^)]*)\)|(?:import|fetch)\(?["']([^"']*)/g;
  return [...text.matchAll(called)].map((match) => match.slice(1).join("")).join("\n");
}

for (const [name, bytes, packed] of sizes.sort()) {
  console.log(`${name.padEnd(40)} ${String(bytes).padStart(8)} B ${String(packed).padStart(8)} B gz`);
}
const player = sizes.find(([name]) => name === "player.js");
if (!player) throw new Error("dist/player.js was not built");
if (player[2] > PLAYER_MOST_BYTES) {
  throw new Error(`player.js is ${player[2]} bytes gzipped; ${PLAYER_MOST_BYTES} is the limit`);
}
console.log(`player.js: ${(player[2] / 1000).toFixed(1)} kB gzipped of ${PLAYER_MOST_BYTES / 1000} kB`);
