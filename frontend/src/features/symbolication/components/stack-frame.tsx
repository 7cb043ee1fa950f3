// SPDX-License-Identifier: MPL-2.0

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Frame } from "../output/answer";
import { FunctionName } from "./function-name";
import { SourcePlace } from "./source-place";
import classes from "./stack.module.css";

/** A frame under the number that it has in the input, below the calls that are inlined into it. */
export function StackFrame({ frame, number }: { frame: Frame; number: number }) {
  const { inlines = [], module, module_offset, file, line } = frame;
  const inModule = `${module} + ${module_offset}`;
  return (
    <li className={classes["frame"]}>
      {inlines.length > 0 && (
        <ol className={classes["inlines"]} aria-label={texts.inlinedInto(number)}>
          {inlines.map((inline, at) => (
            <li key={at}>
              <FunctionName name={inline.function ?? texts.unknownFunction} />
              <SourcePlace file={inline.file} line={inline.line} />
            </li>
          ))}
        </ol>
      )}
      <div className={classes["call"]}>
        <span className={classes["number"]}>{number}</span>
        {frame.function === undefined ? (
          <span className={classes["bare"]}>{inModule}</span>
        ) : (
          <>
            <FunctionName name={frame.function} />
            <span className={classes["module"]} title={functionPlace(frame)}>
              {inModule}
            </span>
            <SourcePlace file={file} line={line} />
          </>
        )}
      </div>
    </li>
  );
}

function functionPlace({ function_offset, function_size }: Frame): string | undefined {
  if (function_offset === undefined) return undefined;
  return texts.inFunction(function_offset, function_size);
}
