// SPDX-License-Identifier: MPL-2.0

import { type ChangeEvent, useRef } from "react";

import { Button } from "@/components/ui/button";
import { newUpload } from "@/lib/texts/new-upload";
import { useDrop } from "@/lib/use-drop";

import classes from "./upload-form.module.css";

interface Properties {
  /** Whether somebody wanted to go on without any. */
  isMissed: boolean;
  onFiles: (files: File[]) => void;
}

// Every browser has it, and React's types do not.
const FOLDER = { webkitdirectory: "" };

/** Takes files and folders, dropped anywhere on the page or chosen. */
export function DropZone({ isMissed, onFiles }: Properties) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const isOver = useDrop(onFiles, "symbols");

  function take(event: ChangeEvent<HTMLInputElement>) {
    const chosen = [...(event.currentTarget.files ?? [])];
    event.currentTarget.value = ""; // or the same could not be chosen again, when it has changed
    if (chosen.length > 0) onFiles(chosen);
  }

  return (
    <div className={classes["zone"]} data-over={isOver}>
      <span>{newUpload.drop}</span>
      <input ref={files} type="file" multiple hidden onChange={take} />
      <input {...FOLDER} ref={folder} type="file" hidden onChange={take} />
      <span className={classes["choices"]}>
        <Button
          variant="default"
          size="compact-md"
          onClick={() => {
            files.current?.click();
          }}
        >
          {newUpload.choose}
        </Button>
        <Button
          variant="default"
          size="compact-md"
          onClick={() => {
            folder.current?.click();
          }}
        >
          {newUpload.chooseFolder}
        </Button>
      </span>
      <span className={classes["note"]}>{newUpload.dropNote}</span>
      {isMissed && (
        <span role="alert" className={classes["problem"]}>
          {newUpload.noFile}
        </span>
      )}
    </div>
  );
}
