// SPDX-License-Identifier: MPL-2.0

import { FileButton, Button } from "@mantine/core";
import { FileArchive } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";

import { Size } from "@/components/size";
import { newUpload } from "@/lib/texts/new-upload";

import classes from "./upload-form.module.css";

interface Properties {
  file: File | null;
  /** Whether somebody wanted to go on without one. */
  isMissed: boolean;
  onFile: (file: File) => void;
}

/** Takes one zip, dropped or chosen. */
export function DropZone({ file, isMissed, onFile }: Properties) {
  const [isOver, setOver] = useState(false);
  const [isWrong, setWrong] = useState(false);
  const reset = useRef<() => void>(null);

  function take(given: File | null | undefined) {
    if (!given) return;
    reset.current?.(); // or the same name could not be chosen again, when the file has changed
    const isZip = given.name.toLowerCase().endsWith(".zip");
    setWrong(!isZip);
    if (isZip) onFile(given);
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  }

  return (
    <div
      className={classes["zone"]}
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={drop}
    >
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
      {(isWrong || (isMissed && file === null)) && (
        <span role="alert" className={classes["problem"]}>
          {isWrong ? newUpload.notZip : newUpload.noZip}
        </span>
      )}
    </div>
  );
}
