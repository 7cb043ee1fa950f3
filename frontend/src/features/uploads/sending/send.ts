// SPDX-License-Identifier: MPL-2.0

/** What goes to the server, and how to tell of it. */
interface Sending {
  url: string;
  body: FormData;
  headers: Record<string, string>;
  /** Called with bytes of the body that have gone, and of the whole body. */
  onProgress: (sent: number, total: number) => void;
  /** Called when the whole body has gone, and the server is at work. */
  onSent: () => void;
  signal: AbortSignal;
}

export interface Answer {
  /** Status and headers. */
  response: Response;
  /** The body, if it is JSON, else null. */
  json: unknown;
}

/** Thrown when there is no answer: the connection failed, or whoever asked gave up. */
export class NoAnswerError extends Error {
  constructor(readonly aborted: boolean) {
    super(aborted ? "The upload was cancelled" : "The connection to the server was lost");
    this.name = "NoAnswerError";
  }
}

/**
 * Post a form and tell how far its bytes have gone, which `fetch` cannot.
 *
 * The answer may come before the last byte has gone: the server refuses some uploads early. Throws
 * NoAnswerError.
 */
export function send(sending: Sending): Promise<Answer> {
  const { url, body, headers, onProgress, onSent, signal } = sending;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded, event.total));
    request.upload.addEventListener("load", onSent);
    request.addEventListener("load", () =>
      resolve({ response: responseOf(request), json: parse(request.responseText) }),
    );
    request.addEventListener("error", () => reject(new NoAnswerError(false)));
    request.addEventListener("abort", () => reject(new NoAnswerError(true)));
    request.addEventListener("loadend", () => signal.removeEventListener("abort", abort));
    signal.addEventListener("abort", abort);
    if (signal.aborted) reject(new NoAnswerError(true));
    else request.send(body);
  });
}

/** Return what came without its body, in the form in which `fetch` gives it. */
function responseOf(request: XMLHttpRequest): Response {
  const { status, statusText } = request;
  const headers = new Headers();
  const retryAfter = request.getResponseHeader("Retry-After");
  if (retryAfter !== null) headers.set("Retry-After", retryAfter);
  return new Response(null, { status, statusText, headers });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
