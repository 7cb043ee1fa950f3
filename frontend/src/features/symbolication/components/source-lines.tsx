// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";

import { ErrorMessage } from "@/components/error-message";
import { symbolication as texts } from "@/lib/texts/symbolication";

import { sourceLinesQuery } from "../api/source-queries";
import classes from "./stack.module.css";

interface Properties {
  debugId: string;
  file: string;
  line: number;
}

/** The lines around a call, out of a source bundle; the one of the call stands out. */
export function SourceLines({ debugId, file, line }: Properties) {
  const { data, error, refetch } = useQuery(sourceLinesQuery(debugId, file, line));
  if (error !== null) return <ErrorMessage error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <p className={classes["source"]}>{texts.looking}</p>;
  const { first, lines } = data;
  if (first === null) return <p className={classes["source"]}>{texts.notInBundle(file)}</p>;
  return (
    <pre className={classes["source"]} tabIndex={0} aria-label={texts.linesAround(file, line)}>
      {lines.map((text, at) => (
        <span key={at} data-number={first + at} aria-current={first + at === line || undefined}>
          {text}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}
