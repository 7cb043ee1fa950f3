// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";

import { ErrorMessage } from "@/components/error-message";
import { Status } from "@/components/status";
import { healthQuery } from "@/lib/api/health-query";
import { Skeleton } from "@/components/ui/skeleton";

import classes from "./home.module.css";

const STATUSES = { ok: "works", warning: "warning", error: "fails" } as const;

/** What the server stands on, and how each of it is. */
export function Health() {
  const { data, error, refetch } = useQuery(healthQuery);
  if (error !== null) return <ErrorMessage error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton height={120} />;
  return (
    <ul className={classes["health"]}>
      {Object.entries(data.checks).map(([name, state]) => (
        <li key={name}>
          <Status name={STATUSES[state]} />
          <span>
            {name}
            {data.details[name] !== undefined && <>: {data.details[name]}</>}
          </span>
        </li>
      ))}
    </ul>
  );
}
