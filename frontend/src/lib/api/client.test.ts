// SPDX-License-Identifier: MPL-2.0

import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { mockServer } from "@/testing/server";

import { api, orThrow } from "./client";
import { ApiError, asApiError } from "./errors";

const server = mockServer();

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

test("an answer of a proxy is told by its status", async () => {
  const error = await refusal(
    () => new HttpResponse("<html>", { status: 502, statusText: "Bad Gateway" }),
  );
  expect(error).toMatchObject({ status: 502, message: "502 Bad Gateway", isPassing: true });
});

test("no answer is passing trouble", async () => {
  const error = await refusal(() => HttpResponse.error());
  expect(error).toMatchObject({ status: 0, isPassing: true });
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
