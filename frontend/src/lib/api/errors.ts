// SPDX-License-Identifier: MPL-2.0

/** What the server refused, or that it did not answer: in its own words where it had any. */
export class ApiError extends Error {
  /** 0 when there was no answer; -1 for what is none of the server's, but a fault of this app. */
  readonly status: number;
  /** What was wrong with each field of a form or a query. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly retryAfterSeconds: number | null;

  constructor(
    status: number,
    message: string,
    fields: Readonly<Record<string, readonly string[]>> = {},
    retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the same request may succeed in a moment: the server, or a source of it, is down or busy. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** Return the error of an answer that is none of 2xx; `body` is what came with it. */
export function errorOfAnswer(response: Response, body: unknown): ApiError {
  const seconds = secondsOf(response.headers.get("Retry-After"));
  const fields = fieldsOf(body);
  const message =
    sentenceOf(body, fields) ?? `${String(response.status)} ${response.statusText}`.trim();
  return new ApiError(response.status, message, fields, seconds);
}

/** Return anything that was thrown as an error that can be shown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(-1, error instanceof Error ? error.message : String(error));
}

interface SplitError {
  /** What belongs under a field, one sentence for each. */
  fields: Readonly<Record<string, string | undefined>>;
  /** What belongs to none of them; null where all is told. */
  rest: unknown;
}

/** Part what is wrong with a form into what its fields say and what is left: nothing is said twice, nothing lost. */
export function splitError(error: unknown, names: readonly string[]): SplitError {
  if (error === null) return { fields: {}, rest: null };
  const told = Object.entries(asApiError(error).fields);
  const fields = told.filter(([name]) => names.includes(name));
  const isAll = told.length > 0 && fields.length === told.length;
  return {
    fields: Object.fromEntries(fields.map(([name, problems]) => [name, problems.join(", ")])),
    rest: isAll ? null : error,
  };
}

/** Whether an answer is none of the server's, but of a proxy that could not reach it. */
export async function isAnswerOfProxy(answer: Response): Promise<boolean> {
  if (answer.status !== 502 && answer.status !== 504) return false;
  try {
    const body: unknown = await answer.clone().json();
    return sentenceOf(body, fieldsOf(body)) === null;
  } catch {
    return true; // no JSON
  }
}

/** Return how long a `Retry-After` asks to wait, in seconds or until a date (RFC 9110, 10.2.3). */
function secondsOf(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  const seconds = /^\d+$/.test(retryAfter)
    ? Number(retryAfter)
    : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function fieldsOf(body: unknown): Record<string, string[]> {
  if (!isRecord(body) || !isRecord(body["errors"])) return {};
  const entries = Object.entries(body["errors"]).map(([name, messages]): [string, string[]] => [
    name,
    Array.isArray(messages) ? messages.map(String) : [String(messages)],
  ]);
  return Object.fromEntries(entries);
}

function sentenceOf(body: unknown, fields: Record<string, string[]>): string | null {
  if (isRecord(body) && typeof body["error"] === "string") return body["error"];
  const told = Object.entries(fields).map(([name, messages]) => `${name}: ${messages.join(", ")}`);
  return told.length > 0 ? told.join("; ") : null;
}
