// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import type { Rows } from "@/components/data-list/types";
import { api, orThrow } from "@/lib/api/client";
import type { QueryOf } from "@/lib/api/queries";
import type { OperatedTasks, TaskRow, TasksForm } from "@/lib/api/schema";

/** What all answers about background tasks are kept under. */
export const TASKS = "tasks";

const STATE_MILLISECONDS = 15_000;

/** Return a page of tasks. */
export async function listTasks(
  query: QueryOf<"/api/tasks/">,
  signal: AbortSignal,
): Promise<Rows<TaskRow>> {
  const page = await orThrow(api.GET("/api/tasks/", { params: { query }, signal }));
  return { ...page, rows: page.tasks };
}

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
