// The pages. `vite` serves them against a running server (EYELINE, http://localhost:8000
// by default); `vite build` writes them to dist/.
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const server = process.env.EYELINE ?? "http://localhost:8000";
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Serves the pages where the server will: a stream's page at /streams/{id}, and so on. */
function routes(): Plugin {
  return {
    name: "eyeline-routes",
    configureServer(vite) {
      vite.middlewares.use((request, _response, next) => {
        const path = (request.url ?? "").split("?")[0] ?? "";
        if (/^\/streams\/[^/]+$/.test(path)) request.url = "/stream.html";
        if (path === "/api/docs") request.url = "/docs.html";
        next();
      });
    },
  };
}

// Pages and other sites share one player.js, so the pages do not pack it again.
const PLAYER = "eyeline-player";

export default defineConfig(({ command }) => ({
  base: "./",
  plugins: [routes()],
  resolve: {
    alias: command === "serve" ? [{ find: PLAYER, replacement: here("./src/player/index.ts") }] : [],
  },
  server: {
    proxy: {
      "^/(api|health|ready|metrics)(/|$|\\?)": server,
      "^/streams/[^/]+/": server,
      "^/ws/": { target: server, ws: true },
    },
  },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: ["index.html", "stream.html", "docs.html", "error.html"].map(here),
      external: [PLAYER],
      output: { paths: { [PLAYER]: "../player.js" } },
    },
  },
  test: {
    include: ["test/**/*.test.ts"],
  },
}));
