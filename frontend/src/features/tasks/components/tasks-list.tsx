// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { rowsAt } from "@/lib/api/rows";
import type { TaskRow } from "@/lib/api/schema";
import { statuses } from "@/lib/texts/lists";
import { tasks as words } from "@/lib/texts/tasks";
import { useNow } from "@/lib/use-now";

import { TASKS } from "../api/tasks";
import classes from "./tasks.module.css";

const STATES = ["waiting", "running", "failed", "done"] as const;

const filters: ListFilter[] = [
  { name: "name", label: words.name, placeholder: "upload" },
  {
    name: "state",
    label: words.state,
    choices: STATES.map((state) => ({ value: state, label: statuses[state] })),
  },
  { name: "error", label: words.error, placeholder: "No space left" },
  { name: "created_at", label: words.created, kind: "time", placeholder: "yesterday" },
];

const columns: Column<TaskRow>[] = [
  {
    key: "task",
    title: words.task,
    sort: "name",
    render: (task) => (
      <>
        {task.name}
        <Arguments task={task} />
        {task.error !== null && <TaskError text={task.error} />}
      </>
    ),
  },
  {
    key: "state",
    title: words.state,
    sort: "state",
    render: (task) => (
      <>
        <Status name={task.state} />
        {task.attempt > 0 && (
          <span className={classes["more"]}>{words.attempt(task.attempt, task.max_attempts)}</span>
        )}
      </>
    ),
  },
  { key: "since", title: words.since, second: true, render: (task) => <Since task={task} /> },
];

interface Properties {
  onRetry: (tasks: TaskRow[]) => void;
  onDrop: (tasks: TaskRow[]) => void;
}

/** The tasks, the newest first. */
export function TasksList({ onRetry, onDrop }: Properties) {
  const actions: Column<TaskRow> = {
    key: "actions",
    title: words.actions,
    second: true,
    room: 12,
    bare: true,
    render: (task) => (
      <Actions task={task} onRetry={() => onRetry([task])} onDrop={() => onDrop([task])} />
    ),
  };
  return (
    <FilteredList
      name={TASKS}
      words={words}
      filters={filters}
      columns={[...columns, actions]}
      load={rowsAt("/api/tasks/", "tasks")}
      news
      bulk={{
        may: (task) => task.state !== "running",
        nameOf: (task) => words.taskNamed(task.id, task.name),
        actions: (chosen, done) => (
          <SomeActions
            tasks={chosen}
            onRetry={(tasks) => {
              onRetry(tasks);
              done();
            }}
            onDrop={onDrop}
          />
        ),
      }}
    />
  );
}

function Arguments({ task }: { task: TaskRow }) {
  if (Object.keys(task.arguments).length === 0) return null;
  return <code className={classes["arguments"]}>{JSON.stringify(task.arguments)}</code>;
}

function Since({ task }: { task: TaskRow }) {
  const now = useNow().getTime();
  const isLater = task.state === "waiting" && Date.parse(task.run_after) > now;
  return (
    <>
      <Time value={task.since} />
      {isLater && (
        <span className={classes["more"]}>
          {words.next} <Time value={task.run_after} />
        </span>
      )}
    </>
  );
}

interface ActionsProperties {
  task: TaskRow;
  onRetry: () => void;
  onDrop: () => void;
}

/** What can be done with a task: nothing while it runs. */
function Actions({ task, onRetry, onDrop }: ActionsProperties) {
  if (task.state === "running") return null;
  const retry = task.state === "failed" ? words.retry : words.retryNow;
  return (
    <Group gap="xs" wrap="nowrap">
      {task.state !== "done" && (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={words.one(retry, task.id, task.name)}
          onClick={onRetry}
        >
          {retry}
        </Button>
      )}
      <Button
        variant="default"
        size="compact-sm"
        aria-label={words.one(words.drop, task.id, task.name)}
        onClick={onDrop}
      >
        {words.drop}
      </Button>
    </Group>
  );
}

interface SomeProperties {
  tasks: TaskRow[];
  onRetry: (tasks: TaskRow[]) => void;
  onDrop: (tasks: TaskRow[]) => void;
}

/** The same for several; those that are done are not run again. */
function SomeActions({ tasks, onRetry, onDrop }: SomeProperties) {
  const open = tasks.filter(({ state }) => state !== "done");
  return (
    <>
      {open.length > 0 && (
        <Button variant="default" size="compact-sm" onClick={() => onRetry(open)}>
          {words.retrySome(open.length)}
        </Button>
      )}
      <Button variant="default" size="compact-sm" onClick={() => onDrop(tasks)}>
        {words.dropSome(tasks.length)}
      </Button>
    </>
  );
}

const SHORT = 120;

/** The error of a task: its beginning, and the rest when that is opened. */
function TaskError({ text }: { text: string }) {
  const line = text.split("\n", 1)[0] ?? "";
  const short = line.length > SHORT ? `${line.slice(0, SHORT)}…` : line;
  if (short === text) return <span className={classes["error"]}>{text}</span>;
  return (
    <details className={classes["error"]}>
      <summary>{short}</summary>
      <pre>{text}</pre>
    </details>
  );
}
