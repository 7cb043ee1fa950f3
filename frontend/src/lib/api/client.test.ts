// SPDX-License-Identifier: MPL-2.0

import { http, HttpResponse } from "msw";
import { afterEach, expect, test } from "vitest";

import { badGateway, endDown, get, heartbeat } from "@/testing/answers";
import { mockServer } from "@/testing/server";

import { isDown } from "../server-state";
import { api, orThrow } from "./client";
import { ApiError, asApiError } from "./errors";
import { createQueryClient } from "./query-client";

const server = mockServer();

afterEach(endDown);

async function refusal(answer: () => Response): Promise<ApiError> {
  server.use(http.get("*/api/uploads/", answer));
  return orThrow(api.GET("/api/uploads/")).then(() => {
    throw new Error("nothing was thrown");
  }, asApiError);
}

test("a refusal has the server's own sentence", async () => {
  const error = await refusal(() => HttpResponse.json({ error: "Forbidden" }, { status: 403 }));
  expect(error).toMatchObject({ status: 403, message: "Forbidden", isPassing: false });
});

test("what is wrong with fields is told by field", async () => {
  const errors = { size: ["'x' is not a size"] };
  const error = await refusal(() => HttpResponse.json({ errors }, { status: 400 }));
  expect(error.fields).toEqual(errors);
  expect(error.message).toBe("size: 'x' is not a size");
});

test.each([
  ["no answer", () => HttpResponse.error()],
  ["the answer of a proxy", badGateway],
])("%s is passing, and tells of no part of the browser", async (_, answer) => {
  server.use(get("/__lbheartbeat__", answer));
  const error = await refusal(answer);
  expect(error).toMatchObject({ status: 0, isPassing: true });
  expect(error.message).toBe("The server does not answer.");
  expect(isDown()).toBe(true);
});

test.each([502, 503, 504])("a %i of the server's own is that of a source", async (status) => {
  const error = await refusal(() => HttpResponse.json({ error: "s3: no answer" }, { status }));
  expect(error).toMatchObject({ status, message: "s3: no answer", isPassing: true });
  expect(isDown()).toBe(false);
});

test("one answer that fails to come makes no server down", async () => {
  server.use(heartbeat);
  const error = await refusal(() => HttpResponse.error());
  expect(error.message).toBe("The server answers, but not to this.");
  expect(isDown()).toBe(false);
});

test.each([
  ["7", 7],
  [new Date(Date.now() + 5000).toUTCString(), 5],
])("a pause that the server asks for, %s, is made", async (asked, seconds) => {
  const error = await refusal(
    () => new HttpResponse(null, { status: 429, headers: { "Retry-After": asked } }),
  );
  const { retry, retryDelay } = createQueryClient().getDefaultOptions().queries ?? {};
  if (!(retry instanceof Function) || !(retryDelay instanceof Function)) throw new Error("none");
  expect(retry(0, error)).toBe(true);
  expect(Math.abs(retryDelay(0, error) / 1000 - seconds)).toBeLessThan(1.5);
  expect(retry(0, new ApiError(429, "", {}, 3600))).toBe(false);
});

test("whatever changes something carries the CSRF token", async () => {
  document.cookie = "csrftoken=a%20token";
  let sent: string | null = "";
  server.use(
    http.delete("*/api/tokens/token/7", ({ request }) => {
      sent = request.headers.get("X-CSRFToken");
      return HttpResponse.json({});
    }),
  );
  await api.DELETE("/api/tokens/token/{token_id}", { params: { path: { token_id: 7 } } });
  expect(sent).toBe("a token");
});
