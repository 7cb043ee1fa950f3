// SPDX-License-Identifier: MPL-2.0

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";

import { Rate } from "./rate";
import { NoAnswerError, send } from "./send";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "x-csrftoken");
    if (request.method === "OPTIONS") response.end();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/upload/`;
}

function form(bytes: number): FormData {
  const body = new FormData();
  body.append("symbols.zip", new File([new Uint8Array(bytes)], "symbols.zip"));
  return body;
}

function sendTo(url: string, more: Partial<Parameters<typeof send>[0]> = {}) {
  return send({
    url,
    body: form(100_000),
    headers: { "X-CSRFToken": "token" },
    onProgress: vi.fn(),
    onSent: vi.fn(),
    signal: new AbortController().signal,
    ...more,
  });
}

test("the whole body goes, with its headers, and is told of", async () => {
  let received = 0;
  let token: unknown;
  const url = await serve((request, response) => {
    token = request.headers["x-csrftoken"];
    request.on("data", (piece: Buffer) => (received += piece.length));
    request.on("end", () => response.writeHead(201).end('{"upload": {"id": 7}}'));
  });
  const onProgress = vi.fn();
  const onSent = vi.fn();
  const answer = await sendTo(url, { onProgress, onSent });
  expect(answer.response.status).toBe(201);
  expect(answer.json).toEqual({ upload: { id: 7 } });
  expect(token).toBe("token");
  expect(received).toBeGreaterThan(100_000);
  // Its figures are those of browsers only: jsdom tells of no bytes. See tests/browser.
  expect(onProgress).toHaveBeenCalled();
  expect(onSent).toHaveBeenCalledOnce();
});

test("an answer that is no JSON is still an answer", async () => {
  const url = await serve((request, response) =>
    request.resume().on("end", () => response.writeHead(502).end("<html>")),
  );
  const { response, json } = await sendTo(url);
  expect({ status: response.status, json }).toEqual({ status: 502, json: null });
});

test("a connection that ends is told as one", async () => {
  const url = await serve((request) => request.socket.destroy());
  await expect(sendTo(url)).rejects.toEqual(new NoAnswerError(false));
});

test("who gives up is told so, and the server gets no more", async () => {
  const giveUp = new AbortController();
  const url = await serve(() => giveUp.abort());
  await expect(sendTo(url, { signal: giveUp.signal })).rejects.toMatchObject({ aborted: true });
  await expect(sendTo(url, { signal: giveUp.signal })).rejects.toMatchObject({ aborted: true });
});

test("the rate is that of the last seconds", () => {
  const rate = new Rate();
  expect(rate.bytesPerSecond).toBeNull();
  expect(rate.secondsLeft(100)).toBeNull();
  for (let second = 0; second <= 20; second += 1) rate.note(100 * second, 1000 * second);
  expect(rate.bytesPerSecond).toBe(100);
  for (let second = 21; second <= 30; second += 1) {
    rate.note(2000 + 10 * (second - 20), 1000 * second);
  }
  expect(rate.bytesPerSecond).toBe(10);
  expect(rate.secondsLeft(2600)).toBe(50);
  expect(rate.secondsLeft(100)).toBe(0);
});

test("nothing that stands still has an end", () => {
  const rate = new Rate();
  rate.note(50, 0);
  rate.note(50, 1000);
  expect(rate.secondsLeft(100)).toBeNull();
});
