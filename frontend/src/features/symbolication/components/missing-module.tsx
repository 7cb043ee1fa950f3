// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";

import { Mono } from "@/components/mono";
import { Status, type StatusName } from "@/components/status";
import { Button } from "@/components/ui/button";
import { nearQuery } from "@/lib/api/symbol-queries";
import { useAuth } from "@/lib/auth/use-auth";
import { symbolication as texts } from "@/lib/texts/symbolication";

import type { ModuleState } from "../output/modules";
import classes from "./module-strip.module.css";

interface Properties {
  module: ModuleState;
  isAmongFirst: boolean;
  onModule: (debugFile: string, debugId: string) => void;
}

const FIRST_ID = "0"; // before all others

/** A module without symbols, or with an assumed id: why, and which ids of its name are here. */
export function MissingModule({ module, isAmongFirst, onModule }: Properties) {
  const { debugFile, debugId } = module;
  const { person } = useAuth();
  const near = useQuery({
    ...nearQuery(debugFile, debugId ?? FIRST_ID),
    enabled: person !== null && isAmongFirst && debugFile !== "",
  });
  const ids = near.data?.debug_ids ?? [];
  return (
    <li className={classes["module"]}>
      <Status name={nameOf(module)} />
      <strong className={classes["name"]}>{debugFile || texts.noName}</strong>
      {debugId !== null && <Mono text={debugId} label={texts.debugId} short />}
      <span className={classes["reason"]}>{reasonOf(module)}</span>
      {ids.length > 0 && (
        <details className={classes["near"]}>
          <summary>{texts.nearMisses(ids.length, near.data?.total ?? ids.length)}</summary>
          <ul>
            {ids.map((id) => (
              <li key={id}>
                <Mono text={id} label={texts.debugId} />{" "}
                <Button
                  variant="subtle"
                  size="compact-sm"
                  aria-label={texts.useIdOf(id)}
                  onClick={() => {
                    onModule(debugFile, id);
                  }}
                >
                  {texts.useId}
                </Button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function nameOf({ state }: ModuleState): StatusName {
  return state === "unknown" ? "missing" : state;
}

function reasonOf({ state, assumed, reason }: ModuleState): string {
  if (reason !== null) return reason;
  if (assumed) return texts.assumed;
  return state === "unknown" ? texts.noId : texts.noSymbols;
}
