// SPDX-License-Identifier: MPL-2.0

import { useMutation } from "@tanstack/react-query";

import { api } from "@/lib/api/client";
import { errorOfAnswer } from "@/lib/api/errors";

import type { Answer } from "../output/answer";

/** What is asked for: a text or a minidump, and whether ids of modules known by name alone are guessed. */
export interface Question {
  input: string;
  dump: File | null;
  guess: boolean;
}

/** The answer to a question, also as JSON, and the text with its frames named. */
export interface Outcome extends Question {
  answer: Answer;
  json: string;
  text: string;
  milliseconds: number;
  askedAt: number;
}

/** Asks the server for symbols; a later question takes the place of an earlier one. */
export function useSymbolicate() {
  return useMutation({ mutationFn: symbolicate });
}

async function symbolicate(question: Question): Promise<Outcome> {
  const started = performance.now();
  const { text = "", ...answer } = await ask(question);
  return {
    ...question,
    answer,
    json: JSON.stringify(answer),
    text,
    milliseconds: performance.now() - started,
    askedAt: started,
  };
}

async function ask({ input, dump, guess }: Question): Promise<Answer> {
  const params = { query: { text: true, ...(guess ? { guess } : {}) } };
  const headers = { Accept: "application/json" };
  const asked =
    dump === null
      ? api.POST("/symbolicate/text", {
          params,
          headers: { ...headers, "Content-Type": "text/plain" },
          body: input,
          bodySerializer: (body) => body as string,
        })
      : api.POST("/symbolicate/minidump", {
          params,
          headers: { ...headers, "Content-Type": "application/octet-stream" },
          body: "", // the type of the document, of which a file is none
          bodySerializer: () => dump,
        });
  const { data, error, response } = await asked;
  if (data === undefined) throw errorOfAnswer(response, error);
  return data as Answer;
}
