// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQueryClient } from "@tanstack/react-query";

import type { OperatedTasks, TasksForm } from "@/lib/api/schema";
import { tasks as words } from "@/lib/texts/tasks";

import { operate, type Operation, TASKS } from "./api/tasks";

interface Asked {
  operation: Operation;
  form: TasksForm;
}

interface Operations {
  run: (operation: Operation, form: TasksForm) => void;
  isPending: boolean;
  error: Error | null;
  /** What was done last, in a sentence; empty before. */
  told: string;
}

/** What changes tasks, after which they are loaded again. */
export function useOperations(): Operations {
  const client = useQueryClient();
  const changing = useMutation({
    mutationFn: ({ operation, form }: Asked) => operate(operation, form),
    onSettled: () => client.invalidateQueries({ queryKey: [TASKS] }),
  });
  return {
    run: (operation, form) => changing.mutate({ operation, form }),
    isPending: changing.isPending,
    error: changing.error,
    told: changing.isSuccess ? sentenceOf(changing.variables.operation, changing.data) : "",
  };
}

/** Return what was done, and what was not, in a sentence or two. */
export function sentenceOf(operation: Operation, { done, refused }: OperatedTasks): string {
  const changed = operation === "retry" ? words.retried : words.dropped;
  const [first] = refused;
  const left = first && words.leftAlone(first.id, first.reason, refused.length - 1);
  return [changed(done.length), left].filter((sentence) => sentence !== undefined).join(" ");
}
