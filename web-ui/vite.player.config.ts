// The player: one stable entry, dist/player.js, which any page can embed.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    target: "es2022",
    emptyOutDir: false,
    modulePreload: { polyfill: false },
    lib: {
      entry: fileURLToPath(new URL("./src/player/index.ts", import.meta.url)),
      formats: ["es"],
    },
    minify: "esbuild",
    rollupOptions: {
      output: {
        entryFileNames: "player.js",
        chunkFileNames: "assets/player-[name]-[hash].js",
      },
    },
  },
});
