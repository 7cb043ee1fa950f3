// SPDX-License-Identifier: MPL-2.0

import react from "@vitejs/plugin-react";
import { readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import type { Plugin, Rolldown } from "vite";
import { defineConfig } from "vitest/config";

import pages from "./src/app/pages.json" with { type: "json" };

const SERVER = `http://127.0.0.1:${process.env["PORT"] ?? "8000"}`;

// What the development server answers itself; all other requests, whatever their method, belong to
// the server.
const OWN_PATH = /^\/(?:$|\?|(?:src|node_modules|@vite|@react-refresh|@id|@fs)(?:\/|$|\?))/;
// Pages of the app, when a browser asks for one.
const PAGE_PATH =
  /^\/(?:uploads|tokens|all-tokens|tasks|sources|users|audit|downloads|modules|symbolication|help)(?:\/|$|\?)/;

function ownUrl({ method, url = "", headers }: IncomingMessage): string | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (PAGE_PATH.test(url) && headers.accept?.includes("text/html")) return "/index.html";
  return OWN_PATH.test(url) ? url : undefined;
}

/** Writes `x.js.br` and `x.js.gz` beside `x.js`: browsers take the first where nobody listens. */
const compressAssets: Plugin = {
  name: "compress-assets",
  apply: "build",
  async writeBundle({ dir = "" }, bundle) {
    const texts = Object.keys(bundle).filter((name) => /^assets\/.*\.(?:js|css|svg)$/.test(name));
    await Promise.all(
      texts.map(async (name) => {
        const whole = await readFile(join(dir, name));
        const compressed = [
          ["gz", await promisify(gzip)(whole, { level: 9 })],
          ["br", await promisify(brotliCompress)(whole)], // at its best, which it is by itself
        ] as const;
        for (const [suffix, text] of compressed)
          await writeFile(join(dir, `${name}.${suffix}`), text);
      }),
    );
  },
};

/**
 * Writes `pages.json`: what the page of each route needs beside the frame. The server tells browsers at
 * once, which would else find out when the frame is there.
 */
const listPages: Plugin = {
  name: "list-pages",
  apply: "build",
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((output) => output.type === "chunk");
    const frame = new Set(
      chunks.filter(({ isEntry }) => isEntry).flatMap((one) => assetsOf(one, bundle)),
    );
    const assetsAt = (page: string) => {
      const chunk = chunks.find((one) => one.facadeModuleId?.endsWith(`/features/${page}.tsx`));
      if (chunk === undefined) this.error(`pages.json: there is no ${page}`);
      return [...new Set(assetsOf(chunk, bundle))].filter((asset) => !frame.has(asset));
    };
    const routes = Object.entries(pages).map(([path, page]) => [path, assetsAt(page)]);
    const source = JSON.stringify(Object.fromEntries(routes));
    this.emitFile({ type: "asset", fileName: "pages.json", source });
  },
};

/** The licence of the faces goes where they go. */
const shipLicence: Plugin = {
  name: "ship-licence",
  apply: "build",
  async generateBundle() {
    const source = await readFile(new URL("src/app/fonts/OFL.txt", import.meta.url));
    this.emitFile({ type: "asset", fileName: "assets/geist-OFL.txt", source });
  },
};

/** Return a chunk's file and styles, and those of all that it imports. */
function assetsOf(chunk: Rolldown.OutputChunk, bundle: Rolldown.OutputBundle): string[] {
  const imported = chunk.imports.flatMap((name) => {
    const other = bundle[name];
    return other?.type === "chunk" ? assetsOf(other, bundle) : [];
  });
  return [...imported, ...(chunk.viteMetadata?.importedCss ?? []), chunk.fileName];
}

export default defineConfig({
  plugins: [react(), compressAssets, listPages, shipLicence],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  html: { cspNonce: "__CSP_NONCE__" }, // the server puts one in with every answer
  build: {
    outDir: "../src/tecken/web/static/app",
    emptyOutDir: true,
    chunkSizeWarningLimit: 700, // tests/browser has the budget, of what is sent
    assetsInlineLimit: 0, // the content security policy allows no data: URLs
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What most pages have, in one file: forty of some hundred bytes take a slow network longer.
          groups: [
            {
              name: "common",
              test: /\/src\/(?:components\/(?:ui\/)?[^/]+|lib\/.+)\.(?:tsx?|css)$/,
              minShareCount: 3,
            },
          ],
        },
      },
    },
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
    isolate: false, // a document for each file took half of the time
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
