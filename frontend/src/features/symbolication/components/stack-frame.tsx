// SPDX-License-Identifier: MPL-2.0

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Frame } from "../output/answer";
import { FunctionName } from "./function-name";
import { SourcePlace } from "./source-place";
import classes from "./stack.module.css";

/** A frame, below the calls that are inlined into it. */
export function StackFrame({ frame, number }: { frame: Frame; number: number }) {
  const { inlines, file, line_number } = frame;
  return (
    <li className={classes["frame"]}>
      {inlines.length > 0 && (
        <ol className={classes["inlines"]} aria-label={texts.inlinedInto(number)}>
          {inlines.map((inline, at) => (
            <li key={at}>
              <FunctionName name={inline.function ?? texts.unknownFunction} />
              <SourcePlace file={inline.file} line={inline.line_number} />
            </li>
          ))}
        </ol>
      )}
      <div className={classes["call"]}>
        <span className={classes["number"]}>{number}</span>
        {frame.function === null ? (
          <span className={classes["bare"]}>{inModule(frame)}</span>
        ) : (
          <>
            <FunctionName name={frame.function} />
            <span className={classes["module"]} title={frame.found ? undefined : texts.ownName}>
              {inModule(frame)}
            </span>
            <SourcePlace file={file} line={line_number} />
          </>
        )}
      </div>
    </li>
  );
}

function inModule({ module, module_offset, address }: Frame): string {
  if (module === null) return address ?? "";
  return module_offset === null ? module : `${module} + ${module_offset}`;
}
