// SPDX-License-Identifier: MPL-2.0

import { useMutation } from "@tanstack/react-query";

import { api } from "@/lib/api/client";
import { errorOfAnswer } from "@/lib/api/errors";

import type { Answer } from "../output/answer";

/** What is asked for: a text, and whether ids of modules known by name alone are guessed. */
export interface Question {
  input: string;
  guess: boolean;
}

/** The answer to a question, also as it was sent (`json`), and the text with its frames named. */
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
  const [json, text] = await Promise.all([
    ask(question, "application/json"),
    ask(question, "text/plain"),
  ]);
  return {
    ...question,
    answer: JSON.parse(json) as Answer,
    json,
    text,
    milliseconds: performance.now() - started,
    askedAt: started,
  };
}

async function ask({ input, guess }: Question, accept: string): Promise<string> {
  const { data, error, response } = await api.POST("/symbolicate/text", {
    params: { query: guess ? { guess } : {} },
    headers: { Accept: accept, "Content-Type": "text/plain" },
    body: input,
    bodySerializer: (body) => body as string,
    parseAs: "text",
  });
  if (!response.ok) throw errorOfAnswer(response, error);
  return data ?? "";
}
