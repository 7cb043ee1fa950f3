// SPDX-License-Identifier: MPL-2.0

import { useMutation } from "@tanstack/react-query";

import { api } from "@/lib/api/client";
import { errorOfAnswer } from "@/lib/api/errors";

import type { AskedStack } from "../input/understood";
import type { Answer } from "../output/answer";
import { readServerTiming, type Timing } from "../output/timings";

/** What is asked for: the body of a v5 request, and what the input that it is of says of its stacks. */
export interface Question {
  input: string;
  request: string;
  stacks: AskedStack[];
}

/** The answer to a question, also as it was sent (`json`), and how long its parts took. */
export interface Outcome extends Question {
  answer: Answer;
  json: string;
  timings: Timing[];
  milliseconds: number;
  askedAt: number;
}

/** Asks the server for symbols; a later question takes the place of an earlier one. */
export function useSymbolicate() {
  return useMutation({ mutationFn: symbolicate });
}

async function symbolicate(question: Question): Promise<Outcome> {
  const started = performance.now();
  const { data, error, response } = await api.POST("/symbolicate/v5", {
    body: { jobs: [] }, // the text below takes its place: numbers must stay as they were written
    bodySerializer: () => question.request,
    parseAs: "text",
  });
  if (!response.ok) throw errorOfAnswer(response, error);
  const json = data ?? "";
  return {
    ...question,
    answer: JSON.parse(json) as Answer,
    json,
    timings: readServerTiming(response.headers.get("Server-Timing")),
    milliseconds: performance.now() - started,
    askedAt: started,
  };
}
