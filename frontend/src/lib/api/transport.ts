// SPDX-License-Identifier: MPL-2.0

import { isDown, noteAnswer, noteDown, noteRefusal, onServerState } from "../server-state";
import { shell } from "../texts/shell";
import { ApiError, isAnswerOfProxy } from "./errors";

const AGAIN_MILLISECONDS = 5000;
const READ_METHODS = new Set(["GET", "HEAD"]);
const words = shell.noAnswer;

/**
 * Ask the server, and note whether it answers.
 *
 * It is down where nothing answers, or a proxy that cannot reach it; whatever else it says, it is up.
 * Throws ApiError of status 0 when there is no answer, and what `fetch` throws when somebody gave up.
 */
export async function askServer(request: Request): Promise<Response> {
  const answer = await answerTo(request);
  if (answer === null) {
    const isUp = await isServerUp();
    throw new ApiError(0, explain(request.method, isUp));
  }
  noteAnswer();
  if (answer.status === 403) noteRefusal();
  return answer;
}

/** Ask for the least that the server says, and note what comes of it. */
export async function isServerUp(): Promise<boolean> {
  const answer = await answerTo(new Request(new URL("/__lbheartbeat__", window.location.origin)));
  if (answer !== null) {
    noteAnswer();
    return true;
  }
  noteDown();
  void askUntilUp();
  return false;
}

/** Wait until the server answers; at once where it is not known to be down. */
export async function serverIsUp(): Promise<void> {
  if (!isDown()) return;
  await new Promise<void>((resolve) => {
    const stop = onServerState(() => {
      if (isDown()) return;
      stop();
      resolve();
    });
  });
}

async function answerTo(request: Request): Promise<Response | null> {
  try {
    const answer = await globalThis.fetch(request);
    return (await isAnswerOfProxy(answer)) ? null : answer;
  } catch (error) {
    if (request.signal.aborted) throw error;
    return null;
  }
}

function explain(method: string, isUp: boolean): string {
  if (READ_METHODS.has(method)) return isUp ? words.toOne : words.atAll;
  return isUp ? words.unsure : words.notSent;
}

let isAsking = false;

/** Ask again from time to time, from no tab that is hidden, until the server answers. */
async function askUntilUp(): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  while (isDown()) {
    await aWhile();
    if (isDown() && !document.hidden) await isServerUp();
  }
  isAsking = false;
}

/** Some seconds, or until somebody looks at the page again. */
function aWhile(): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", end);
      resolve();
    };
    const timer = setTimeout(end, AGAIN_MILLISECONDS);
    document.addEventListener("visibilitychange", end);
  });
}
