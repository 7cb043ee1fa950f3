// SPDX-License-Identifier: MPL-2.0

import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import type { TaskRow } from "@/lib/api/schema";
import { tasks as words } from "@/lib/texts/tasks";

interface Properties {
  task: TaskRow;
  onRetry: (task: TaskRow) => void;
  onDrop: (task: TaskRow) => void;
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
          onClick={() => {
            onRetry(task);
          }}
        >
          {retry}
        </Button>
      )}
      <Button
        variant="default"
        size="compact-sm"
        aria-label={words.one(words.drop, task.id, task.name)}
        onClick={() => {
          onDrop(task);
        }}
      >
        {words.drop}
      </Button>
    </Group>
  );
}
