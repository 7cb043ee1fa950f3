// SPDX-License-Identifier: MPL-2.0

import { Clock } from "lucide-react";

import { Mono } from "@/components/mono";
import { Notice } from "@/components/ui/notice";
import { Progress } from "@/components/ui/progress";
import type { DerivingModule } from "@/lib/api/schema";
import { uploads } from "@/lib/texts/uploads";

import classes from "./deriving-note.module.css";

const words = uploads.upload;

/** The modules whose symbols are being made of native files, and how far that has come. */
export function DerivingNote({ modules }: { modules: DerivingModule[] }) {
  return (
    <Notice role="note" color="blue" icon={<Clock />} title={words.derivingTitle} mb="md">
      <p className={classes["text"]}>{words.deriving}</p>
      <ul className={classes["modules"]}>
        {modules.map((module) => (
          <li key={module.debug_id}>
            <span className={classes["module"]}>
              <strong className={classes["name"]}>{module.debug_file}</strong>
              <Mono text={module.debug_id} label={uploads.files.debugId} short />
              <span>{progressOf(module)}</span>
            </span>
            {module.total > 0 && (
              <Progress
                value={percentOf(module)}
                aria-label={words.derivingOf(module.debug_file)}
                className={classes["bar"] ?? ""}
              />
            )}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function percentOf({ done, total }: DerivingModule): number {
  return Math.min(100, Math.floor((100 * done) / total));
}

function progressOf(module: DerivingModule): string {
  return module.total === 0 ? words.derivingSoon : words.derivingShare(percentOf(module));
}
