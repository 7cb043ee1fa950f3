// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";
import type { OperatedTasks, TasksForm } from "@/lib/api/schema";

/** What all answers about background tasks are kept under. */
export const TASKS = "tasks";

const STATE_MILLISECONDS = 15_000;

/** Who runs tasks, and what is wrong with them. */
export const tasksStateQuery = queryOptions({
  queryKey: [TASKS, "state"],
  queryFn: ({ signal }) => orThrow(api.GET("/api/tasks/state", { signal })),
  refetchInterval: STATE_MILLISECONDS,
  refetchIntervalInBackground: false,
});

export type Operation = "retry" | "drop";

/** Run tasks again, or delete them. */
export function operate(operation: Operation, body: TasksForm): Promise<OperatedTasks> {
  return operation === "retry"
    ? orThrow(api.POST("/api/tasks/retry", { body }))
    : orThrow(api.POST("/api/tasks/drop", { body }));
}
