// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";

import { Mono } from "@/components/mono";
import { Status } from "@/components/status";
import { nearQuery } from "@/lib/api/symbol-queries";
import { useAuth } from "@/lib/auth/use-auth";
import { symbolication as texts } from "@/lib/texts/symbolication";

import type { ModuleState } from "../output/modules";
import classes from "./module-strip.module.css";

interface Properties {
  module: ModuleState;
  isAmongFirst: boolean;
}

/** A module without symbols, why, and which other ids of its name are here. */
export function MissingModule({ module, isAmongFirst }: Properties) {
  const { person } = useAuth();
  const near = useQuery({
    ...nearQuery(module.debugFile, module.debugId),
    enabled: person !== null && isAmongFirst && module.debugFile !== "",
  });
  const ids = near.data?.debug_ids ?? [];
  return (
    <li className={classes["module"]}>
      <Status name="missing" />
      <strong className={classes["name"]}>{module.debugFile || texts.noName}</strong>
      <Mono text={module.debugId} label={texts.debugId} short />
      <span className={classes["reason"]}>{module.reasons.join("; ")}</span>
      {ids.length > 0 && (
        <details className={classes["near"]}>
          <summary>{texts.nearMisses(ids.length)}</summary>
          <ul>
            {ids.map((id) => (
              <li key={id}>
                <Mono text={id} label={texts.debugId} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
