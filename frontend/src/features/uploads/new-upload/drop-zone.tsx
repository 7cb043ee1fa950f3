// SPDX-License-Identifier: MPL-2.0

import { FileButton } from "@/components/ui/button";
import { newUpload } from "@/lib/texts/new-upload";
import { useDrop } from "@/lib/use-drop";

import classes from "./upload-form.module.css";

interface Properties {
  /** Whether somebody wanted to go on without any. */
  isMissed: boolean;
  onFiles: (files: File[]) => void;
}

/** Takes files and folders, dropped anywhere on the page or chosen. */
export function DropZone({ isMissed, onFiles }: Properties) {
  const isOver = useDrop(onFiles, "symbols");

  return (
    <div className={classes["zone"]} data-over={isOver}>
      <span>{newUpload.drop}</span>
      <span className={classes["choices"]}>
        <FileButton variant="default" size="compact-md" onFiles={onFiles}>
          {newUpload.choose}
        </FileButton>
        <FileButton variant="default" size="compact-md" isFolder onFiles={onFiles}>
          {newUpload.chooseFolder}
        </FileButton>
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
