// SPDX-License-Identifier: MPL-2.0

import react from "@vitejs/plugin-react";
import { readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const SERVER = `http://127.0.0.1:${process.env["PORT"] ?? "8000"}`;

// What the development server answers itself; all other requests, whatever their method, belong to
// the server.
const OWN_PATH = /^\/(?:$|\?|(?:src|node_modules|@vite|@react-refresh|@id|@fs)(?:\/|$|\?))/;
// Pages of the app, when a browser asks for one.
const PAGE_PATH = /^\/(?:uploads|tokens|users|audit|downloads|symbolication|help)(?:\/|$|\?)/;

function ownUrl({ method, url = "", headers }: IncomingMessage): string | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (PAGE_PATH.test(url) && headers.accept?.includes("text/html")) return "/index.html";
  return OWN_PATH.test(url) ? url : undefined;
}

/** Writes `x.js.gz` beside `x.js`, for browsers that take it, which all do. */
const compressAssets: Plugin = {
  name: "compress-assets",
  apply: "build",
  async writeBundle({ dir = "" }, bundle) {
    const texts = Object.keys(bundle).filter((name) => /^assets\/.*\.(?:js|css|svg)$/.test(name));
    await Promise.all(
      texts.map(async (name) => {
        const compressed = await promisify(gzip)(await readFile(join(dir, name)), { level: 9 });
        await writeFile(join(dir, `${name}.gz`), compressed);
      }),
    );
  },
};

export default defineConfig({
  plugins: [react(), compressAssets],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  html: { cspNonce: "__CSP_NONCE__" }, // the server puts one in with every answer
  build: {
    outDir: "../src/tecken/web/static/app",
    emptyOutDir: true,
    chunkSizeWarningLimit: 700, // tests/browser has the budget, of what is sent
    assetsInlineLimit: 0, // the content security policy allows no data: URLs
  },
  server: {
    port: 3000,
    strictPort: true,
    cors: false, // OPTIONS belongs to the server
    proxy: {
      "/": {
        target: SERVER,
        bypass: ownUrl,
      },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
