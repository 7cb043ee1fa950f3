// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { ErrorMessage } from "@/components/error-message";
import { Mono } from "@/components/mono";
import { Size } from "@/components/size";
import { Status, type StatusName } from "@/components/status";
import { nearQuery, symbolFileQuery } from "@/lib/api/symbol-queries";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { symbolication as texts } from "@/lib/texts/symbolication";

import type { ModuleState } from "../output/modules";
import classes from "./modules.module.css";

const FIRST_ID = "0"; // before all others
const NEAR_ASKED = 10; // modules whose other ids are looked up without being asked
const MOST_SHOWN = 12; // missing ones; the others are a click away

interface MissingProperties {
  modules: readonly ModuleState[];
  onModule: (debugFile: string, debugId: string) => void;
}

/** Modules without symbols, or with an assumed id: why, and what to do about each. */
export function MissingModules({ modules, onModule }: MissingProperties) {
  const [isWhole, setIsWhole] = useState(false);
  if (modules.length === 0) return null;
  const shown = isWhole ? modules : modules.slice(0, MOST_SHOWN);
  return (
    <section aria-label={texts.missingModules}>
      <ul className={classes["modules"]}>
        {shown.map((module, at) => (
          <MissingModule
            key={module.key}
            module={module}
            isAmongFirst={at < NEAR_ASKED}
            onModule={onModule}
          />
        ))}
      </ul>
      {shown.length < modules.length && (
        <button type="button" className={classes["act"]} onClick={() => setIsWhole(true)}>
          {texts.moreModules(modules.length - shown.length)}
        </button>
      )}
    </section>
  );
}

interface MissingModuleProperties {
  module: ModuleState;
  isAmongFirst: boolean;
  onModule: (debugFile: string, debugId: string) => void;
}

function MissingModule({ module, isAmongFirst, onModule }: MissingModuleProperties) {
  const { debugFile, debugId, state, frames } = module;
  const { person } = useAuth();
  const near = useQuery({
    ...nearQuery(debugFile, debugId ?? FIRST_ID),
    enabled: person !== null && isAmongFirst && debugFile !== "",
  });
  const ids = near.data?.debug_ids ?? [];
  return (
    <li className={classes["module"]}>
      <Status name={statusOf(state)} />
      <Name module={module} />
      {debugId !== null && <Mono text={debugId} label={texts.debugId} short />}
      <span className={classes["reason"]}>
        {reasonOf(module)}
        {frames > 0 && ` · ${texts.frames(frames)}`}
      </span>
      {state === "missing" && (
        <Link className={classes["act"]} to={paths.newUpload}>
          {texts.uploadIts}
        </Link>
      )}
      {ids.length > 0 && (
        <details className={classes["near"]}>
          <summary>{texts.nearMisses(ids.length, near.data?.total ?? ids.length)}</summary>
          <ul>
            {ids.map((id) => (
              <li key={id}>
                <Mono text={id} label={texts.debugId} />{" "}
                <button
                  type="button"
                  className={classes["act"]}
                  aria-label={texts.useIdOf(id)}
                  onClick={() => onModule(debugFile, id)}
                >
                  {texts.useId}
                </button>
              </li>
            ))}
          </ul>
          <Link className={classes["act"]} to={paths.module(debugFile)}>
            {texts.allIds(debugFile)}
          </Link>
        </details>
      )}
    </li>
  );
}

/** What a module is called; it leads to its page, which tells of its id and of all others. */
function Name({ module: { debugFile, debugId } }: { module: ModuleState }) {
  if (debugFile === "") return <strong className={classes["name"]}>{texts.noName}</strong>;
  return (
    <Link className={classes["name"]} to={paths.module(debugFile, debugId ?? undefined)}>
      {debugFile}
    </Link>
  );
}

/** Modules whose symbols were used, folded away: nothing is wrong with them. */
export function FoundModules({ modules }: { modules: readonly ModuleState[] }) {
  if (modules.length === 0) return null;
  return (
    <section aria-label={texts.modules}>
      <details className={classes["found"]}>
        <summary>{texts.foundModules(modules.length)}</summary>
        <ul className={classes["modules"]}>
          {modules.map((module) => (
            <FoundModule key={module.key} module={module} />
          ))}
        </ul>
      </details>
    </section>
  );
}

/** Where the symbols of a module are and how large is told when it is asked for. */
function FoundModule({ module }: { module: ModuleState }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <li className={classes["module"]}>
      <Status name="found" />
      <Name module={module} />
      <Mono text={module.debugId ?? ""} label={texts.debugId} short />
      <details
        className={classes["near"]}
        onToggle={(event) => setIsOpen(event.currentTarget.open)}
      >
        <summary>{texts.where}</summary>
        {isOpen && <Whereabouts module={module} />}
      </details>
    </li>
  );
}

function Whereabouts({ module }: { module: ModuleState }) {
  const { data, error } = useQuery(symbolFileQuery(module.debugFile, module.debugId ?? "", true));
  if (error !== null) return <ErrorMessage error={error} />;
  if (data === undefined) return <p>{texts.looking}</p>;
  if (!data.found || data.url === null) return <p>{texts.goneNow}</p>;
  return (
    <p>
      {texts.inSource(data.source ?? "")}
      {data.size !== null && (
        <>
          {", "}
          <Size bytes={data.size} />
        </>
      )}
      {": "}
      <a className={classes["link"]} href={data.url}>
        {data.symbol_key}
      </a>
    </p>
  );
}

function statusOf(state: ModuleState["state"]): StatusName {
  return state === "unknown" ? "missing" : state;
}

function reasonOf({ state, assumed, reason }: ModuleState): string {
  if (reason !== null) return reason;
  if (assumed) return texts.assumed;
  return state === "unknown" ? texts.noId : texts.noSymbols;
}
