// SPDX-License-Identifier: MPL-2.0

import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { Anchor } from "@/components/ui/anchor";
import { Notice } from "@/components/ui/notice";
import type { RunnerRow, TasksState as State } from "@/lib/api/schema";
import { paths } from "@/lib/paths";
import { tasks as words } from "@/lib/texts/tasks";

import classes from "./tasks.module.css";

const STATES = ["failed", "running", "waiting"] as const;

interface Properties {
  state: State | undefined;
  /** What can be done with all that failed. */
  children: ReactNode;
}

const UNKNOWN: State = {
  problems: [],
  runners: [],
  needs_workers: false,
  counts: { failed: 0, running: 0, waiting: 0 },
};

/** What is wrong, who runs tasks, and how many there are in each state. */
export function TasksState({ state: told, children }: Properties) {
  const state = told ?? UNKNOWN;
  return (
    <>
      {state.problems.length > 0 && (
        <Notice role="note" color="yellow" icon={<TriangleAlert />} mb="xs" py="xs">
          <ul className={classes["problems"]}>
            {state.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Notice>
      )}
      <div className={classes["state"]} data-waiting={told === undefined || undefined}>
        {STATES.map((name) => (
          <Anchor key={name} to={`${paths.tasks}?state=${name}`}>
            {words.inState(state.counts[name], name)}
          </Anchor>
        ))}
        <span>
          {words.by} <Runners runners={state.runners} />
        </span>
        {state.counts.failed > 0 && children}
      </div>
    </>
  );
}

function Runners({ runners }: { runners: RunnerRow[] }) {
  const workers = runners.filter(({ kind }) => kind === "worker").length;
  const processes = runners.length - workers;
  const told = [workers > 0 && words.workers(workers), processes > 0 && words.processes(processes)];
  const where = runners.map(({ host, pid }) => `${host} ${String(pid)}`).join(", ");
  return <span title={where}>{told.filter(Boolean).join(", ") || words.nobody}</span>;
}
