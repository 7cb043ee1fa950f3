// SPDX-License-Identifier: MPL-2.0

import { FileArchive } from "lucide-react";
import { useRef, useState } from "react";

import { Size } from "@/components/size";
import { FileButton, Button } from "@/components/ui/button";
import { newUpload } from "@/lib/texts/new-upload";
import { useDrop } from "@/lib/use-drop";

import classes from "./upload-form.module.css";

interface Properties {
  file: File | null;
  /** Whether somebody wanted to go on without one. */
  isMissed: boolean;
  onFile: (file: File) => void;
}

/** Takes one zip, dropped or chosen. */
export function DropZone({ file, isMissed, onFile }: Properties) {
  const [problem, setProblem] = useState<string | null>(null);
  const reset = useRef<() => void>(null);

  function take(given: File | null | undefined) {
    if (!given) return;
    reset.current?.(); // or the same name could not be chosen again, when the file has changed
    const isZip = given.name.toLowerCase().endsWith(".zip");
    setProblem(isZip ? null : newUpload.notZip);
    if (isZip) onFile(given);
  }

  const isOver = useDrop((files) => {
    if (files.length > 1) setProblem(newUpload.several);
    else take(files[0]);
  });
  const told = problem ?? (isMissed && file === null ? newUpload.noZip : null);

  return (
    <div className={classes["zone"]} data-over={isOver}>
      {file === null ? (
        <span>{newUpload.drop}</span>
      ) : (
        <>
          <FileArchive size={20} aria-hidden />
          <span className={classes["name"]}>{file.name}</span>
          <Size bytes={file.size} />
        </>
      )}
      <FileButton resetRef={reset} accept=".zip,application/zip" onChange={take}>
        {(properties) => (
          <Button variant="default" size="compact-md" {...properties}>
            {file === null ? newUpload.choose : newUpload.chooseOther}
          </Button>
        )}
      </FileButton>
      {told !== null && (
        <span role="alert" className={classes["problem"]}>
          {told}
        </span>
      )}
    </div>
  );
}
