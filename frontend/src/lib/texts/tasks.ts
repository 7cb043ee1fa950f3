// SPDX-License-Identifier: MPL-2.0

/** The words of the page on background tasks. */
export const tasks = {
  title: "Background tasks",
  nouns: ["task", "tasks"],
  task: "Task",
  name: "Name",
  state: "State",
  since: "Since",
  attempt: (attempt: number, max: number | null) =>
    max === null ? `attempt ${String(attempt)}` : `attempt ${String(attempt)} of ${String(max)}`,
  next: "next",
  error: "Error",
  created: "Added",
  actions: "Actions",
  empty: "There are no background tasks yet",
  emptyText: "Uploads start some; others run by the clock.",
  retry: "Retry",
  retryNow: "Retry now",
  one: (verb: string, id: number, name: string) => `${verb} task ${String(id)}, ${name}`,
  taskNamed: (id: number, name: string) => `task ${String(id)}, ${name}`,
  retrySome: (count: number) => `Retry ${String(count)}`,
  dropSome: (count: number) => `Drop ${String(count)}`,
  retryFailed: "Retry all that failed",
  drop: "Drop",
  dropFailed: "Drop all that failed",
  refresh: "Refresh",
  inState: (count: number, state: string) =>
    `${count > 1000 ? "over 1,000" : count.toLocaleString("en-US")} ${state}`,
  by: "Run by",
  nobody: "nobody at present",
  workers: (count: number) => (count === 1 ? "1 worker" : `${String(count)} workers`),
  processes: (count: number) =>
    count === 1 ? "1 process of the server" : `${String(count)} processes of the server`,
  retried: (count: number) => `${tasksOf(count)} will be run again.`,
  dropped: (count: number) => `${tasksOf(count)} dropped.`,
  leftAlone: (id: number, reason: string, more: number) =>
    `Left as it is: task ${String(id)} (${reason})${more === 0 ? "" : `, and ${String(more)} more`}.`,
  failed: "Nothing was changed",
  question: {
    one: (id: number) => `Drop task ${String(id)}?`,
    some: (count: number) => `Drop ${String(count)} tasks?`,
    all: "Drop all tasks that failed?",
    text: "Dropped tasks are deleted and their work is not done. The audit trail keeps their names.",
    button: "Drop",
    cancel: "Keep",
  },
} as const;

function tasksOf(count: number): string {
  return count === 1 ? "1 task" : `${count.toLocaleString("en-US")} tasks`;
}
