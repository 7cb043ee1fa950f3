// SPDX-License-Identifier: MPL-2.0

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ErrorMessage } from "@/components/error-message";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Button } from "@/components/ui/button";
import type { TaskRow } from "@/lib/api/schema";
import { tasks as words } from "@/lib/texts/tasks";

import { TASKS, tasksStateQuery } from "./api/tasks";
import { useOperations } from "./use-operations";
import { DropQuestion } from "./components/drop-question";
import { TasksList } from "./components/tasks-list";
import { TasksState } from "./components/tasks-state";
import classes from "./components/tasks.module.css";

/** All background tasks, how they are, and what can be done with them. */
export function Component() {
  return (
    <Need superuser>
      <Tasks />
    </Need>
  );
}

function Tasks() {
  const client = useQueryClient();
  const { data: state, error, refetch } = useQuery(tasksStateQuery);
  const operations = useOperations();
  const [dropping, setDropping] = useState<TaskRow[] | "failed" | null>(null);
  return (
    <>
      <PageHeader
        title={words.title}
        action={
          <Button
            variant="default"
            onClick={() => void client.invalidateQueries({ queryKey: [TASKS] })}
          >
            {words.refresh}
          </Button>
        }
      />
      {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      <TasksState state={state}>
        <Button
          variant="default"
          size="compact-sm"
          loading={operations.isPending}
          onClick={() => operations.run("retry", { failed: true })}
        >
          {words.retryFailed}
        </Button>
        <Button variant="default" size="compact-sm" onClick={() => setDropping("failed")}>
          {words.dropFailed}
        </Button>
      </TasksState>
      {operations.error !== null && <ErrorMessage error={operations.error} title={words.failed} />}
      <p role="status" className={classes["told"]}>
        {operations.told}
      </p>
      <TasksList
        onRetry={(tasks) => operations.run("retry", { ids: idsOf(tasks), failed: false })}
        onDrop={setDropping}
      />
      {dropping !== null && (
        <DropQuestion
          what={dropping}
          onDrop={() => {
            const form =
              dropping === "failed" ? { failed: true } : { ids: idsOf(dropping), failed: false };
            operations.run("drop", form);
            setDropping(null);
          }}
          onClose={() => setDropping(null)}
        />
      )}
    </>
  );
}

function idsOf(tasks: TaskRow[]): number[] {
  return tasks.map(({ id }) => id);
}
