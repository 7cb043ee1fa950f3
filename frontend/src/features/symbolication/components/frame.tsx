// SPDX-License-Identifier: MPL-2.0

import { memo, useState } from "react";

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Frame as FrameShape } from "../output/answer";
import type { Prefixes } from "../output/paths";
import { isRuntime } from "../output/runtime";
import { inModule, type Place, placeOf } from "../output/stack-views";
import { FunctionName } from "./function-name";
import { SourceLines } from "./source-lines";
import classes from "./stack.module.css";

const MOST_INLINES = 3; // more of them are folded; in a very long stack all but the innermost

interface Properties {
  frame: FrameShape;
  number: number;
  prefixes: Prefixes;
  /** The line that it came from, of the text that was given. */
  origin: string;
  isOfMany: boolean;
  /** The debug id of its module, where sources of that are here. */
  sources: string | null;
}

/** A frame on a line, and below it the calls that are inlined into it. */
export const Frame = memo(function Frame({
  frame,
  number,
  prefixes,
  origin,
  isOfMany,
  sources,
}: Properties) {
  const { inlines, module, found } = frame;
  const name = frame.function;
  return (
    <li className={classes["frame"]} data-quiet={isRuntime(name, module)}>
      {name === null ? (
        <div className={classes["call"]}>
          <span className={classes["number"]}>{number}</span>
          <span className={classes["bare"]} title={origin}>
            {inModule(frame) || origin || texts.nothing}
          </span>
        </div>
      ) : (
        <Call
          number={String(number)}
          name={name}
          place={placeOf(frame, module, prefixes)}
          in={module ?? frame.address ?? ""}
          whole={found ? inModule(frame) : `${inModule(frame)} ${texts.ownName}`.trim()}
          sources={sourceOf(frame, sources)}
        />
      )}
      {inlines.length > 0 && (
        <Inlines
          frame={frame}
          number={number}
          prefixes={prefixes}
          isOfMany={isOfMany}
          sources={sources}
        />
      )}
    </li>
  );
});

/** Calls that the compiler inlined, innermost first; the innermost is where the program was, and always there. */
function Inlines({ frame, number, prefixes, isOfMany, sources }: Omit<Properties, "origin">) {
  const { inlines, module } = frame;
  const [isOpen, setIsOpen] = useState(inlines.length <= (isOfMany ? 1 : MOST_INLINES));
  const shown = isOpen ? inlines : inlines.slice(0, 1);
  const left = inlines.length - shown.length;
  return (
    <ol className={classes["inlines"]} aria-label={texts.inlinedInto(number)}>
      {shown.map((call, at) => (
        <li key={at} data-quiet={isRuntime(call.function, module)}>
          <Call
            number={`${String(number)}.${String(at + 1)}`}
            name={call.function ?? texts.unknownFunction}
            place={placeOf(call, module, prefixes)}
            in={texts.inlined}
            sources={sourceOf(call, sources)}
          />
        </li>
      ))}
      {left > 0 && (
        <li className={classes["call"]}>
          <button
            type="button"
            className={classes["more"]}
            aria-expanded={false}
            onClick={() => setIsOpen(true)}
          >
            {texts.moreInlined(left)}
          </button>
        </li>
      )}
    </ol>
  );
}

interface Source {
  debugId: string;
  file: string;
  line: number;
}

interface CallProperties {
  number: string;
  name: string;
  place: Place | null;
  /** The module, or that it is inlined; `whole` is what its title says. */
  in: string;
  whole?: string;
  sources: Source | null;
}

/** Number, function, place and module. Where its source is here, it opens to the lines around. */
function Call({ number, name, place, in: module, whole, sources }: CallProperties) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <div className={classes["call"]}>
        <span className={classes["number"]}>{number}</span>
        <FunctionName name={name} />
        {place === null ? (
          <span className={classes["place"]} />
        ) : (
          <span className={classes["place"]} title={place.whole}>
            <PlaceText place={place} />
            {sources !== null && (
              <button
                type="button"
                className={classes["opener"]}
                aria-expanded={isOpen}
                aria-label={texts.showLines(place.text)}
                onClick={() => setIsOpen(!isOpen)}
              />
            )}
          </span>
        )}
        <span className={classes["module"]} title={whole}>
          {module}
        </span>
      </div>
      {sources !== null && isOpen && <SourceLines {...sources} />}
    </>
  );
}

function PlaceText({ place: { text, url } }: { place: Place }) {
  if (url === null) return text;
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {text}
    </a>
  );
}

function sourceOf(
  { file, line_number }: Pick<FrameShape, "file" | "line_number">,
  debugId: string | null,
): Source | null {
  if (debugId === null || file === null || line_number === null) return null;
  return { debugId, file, line: line_number };
}
