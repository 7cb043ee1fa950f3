// SPDX-License-Identifier: MPL-2.0

import createClient, { type Middleware } from "openapi-fetch";

import { csrfToken } from "./csrf";
import { errorOfAnswer } from "./errors";
import type { paths } from "./schema";
import { askServer } from "./transport";

const SAFE_METHODS = new Set(["GET", "HEAD"]);

const sendCsrfToken: Middleware = {
  onRequest({ request }) {
    if (!SAFE_METHODS.has(request.method)) request.headers.set("X-CSRFToken", csrfToken());
    return request;
  },
};

/** The API of the server that this page came from, with the types of its OpenAPI document. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: askServer,
});
api.use(sendCsrfToken);

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Return the data of an answer, which must have some: `await orThrow(api.GET(…))`. Throws ApiError. */
export async function orThrow<Data>(asked: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await asked;
  if (response.ok && data !== undefined && data !== null) return data;
  throw errorOfAnswer(response, error);
}
