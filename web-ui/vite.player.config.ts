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
    rollupOptions: {
      input: fileURLToPath(new URL("./src/player/index.ts", import.meta.url)),
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: "player.js",
        chunkFileNames: "assets/player-[name]-[hash].js",
      },
    },
  },
});
