// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import react from "@vitejs/plugin-react";
import type { IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const SERVER = `http://127.0.0.1:${process.env["PORT"] ?? "8000"}`;

// What the development server answers itself; all other requests, whatever their method, belong to
// the server.
const OWN_PATH = /^\/(?:$|\?|(?:src|node_modules|@vite|@react-refresh|@id|@fs)(?:\/|$|\?))/;

function isOwnRequest({ method, url }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && OWN_PATH.test(url ?? "");
}

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  build: {
    outDir: "../src/tecken/web/static/app",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy allows no data: URLs
  },
  server: {
    port: 3000,
    strictPort: true,
    cors: false, // OPTIONS belongs to the server
    proxy: {
      "/": {
        target: SERVER,
        bypass: (request) => (isOwnRequest(request) ? request.url : undefined),
      },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
  },
});
