// SPDX-License-Identifier: MPL-2.0

import { HttpResponse } from "msw";
import { afterEach, expect, test } from "vitest";

import { endDown, get, heartbeat } from "@/testing/answers";
import { mockServer } from "@/testing/server";

import { loadPart, PartMissingError } from "./load-part";
import { isDown } from "./server-state";

const server = mockServer();
const failed = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));

afterEach(() => {
  endDown();
  document.head.replaceChildren();
});

test("a part that cannot be loaded from a server that is down is loaded when it is back", async () => {
  server.use(get("/__lbheartbeat__", () => HttpResponse.error()));
  let tries = 0;
  const loaded = loadPart(() => {
    tries += 1;
    return isDown() || tries === 1 ? failed() : Promise.resolve("part");
  });
  await expect.poll(isDown).toBe(true);
  expect(tries).toBe(1);
  server.use(heartbeat);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(await loaded).toBe("part");
});

test.each([
  ["/assets/index-old.js", true],
  ["/assets/index-new.js", false],
])("what the server has not is told apart by its page: %s", async (own, isOutdated) => {
  document.head.innerHTML = `<script type="module" src="${own}"></script>`;
  server.use(
    heartbeat,
    get("/", () => HttpResponse.html('<script type="module" src="/assets/index-new.js">')),
  );
  const error = await loadPart(failed).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PartMissingError);
  expect(error).toMatchObject({ isOutdated });
});
