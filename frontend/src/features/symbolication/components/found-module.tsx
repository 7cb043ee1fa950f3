// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ErrorMessage } from "@/components/error-message";
import { Mono } from "@/components/mono";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Anchor } from "@/components/ui/anchor";
import { symbolication as texts } from "@/lib/texts/symbolication";

import { symbolFileQuery } from "../api/module-queries";
import type { ModuleState } from "../output/modules";
import classes from "./module-strip.module.css";

/** A module whose symbols were used; where they are and how large is told when it is asked for. */
export function FoundModule({ module }: { module: ModuleState }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <li className={classes["module"]}>
      <Status name="found" />
      <strong className={classes["name"]}>{module.debugFile}</strong>
      <Mono text={module.debugId ?? ""} label={texts.debugId} short />
      <details
        className={classes["near"]}
        onToggle={(event) => {
          setIsOpen(event.currentTarget.open);
        }}
      >
        <summary>{texts.where}</summary>
        {isOpen && <Place module={module} />}
      </details>
    </li>
  );
}

function Place({ module }: { module: ModuleState }) {
  const { data, error } = useQuery(symbolFileQuery(module.debugFile, module.debugId ?? ""));
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
      <Anchor href={data.url} underline="always">
        {data.symbol_key}
      </Anchor>
    </p>
  );
}
