// SPDX-License-Identifier: MPL-2.0

import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import type { TaskRow } from "@/lib/api/schema";
import { tasks as words } from "@/lib/texts/tasks";

interface Properties {
  task: TaskRow;
  onRetry: () => void;
  onDrop: () => void;
}

/** What can be done with a task: nothing while it runs. */
export function Actions({ task, onRetry, onDrop }: Properties) {
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
export function SomeActions({ tasks, onRetry, onDrop }: SomeProperties) {
  const open = tasks.filter(({ state }) => state !== "done");
  return (
    <>
      {open.length > 0 && (
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => {
            onRetry(open);
          }}
        >
          {words.retrySome(open.length)}
        </Button>
      )}
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => {
          onDrop(tasks);
        }}
      >
        {words.dropSome(tasks.length)}
      </Button>
    </>
  );
}
