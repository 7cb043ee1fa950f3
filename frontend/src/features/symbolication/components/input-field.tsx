// SPDX-License-Identifier: MPL-2.0

import { useState } from "react";

import { Size } from "@/components/size";
import { Button, FileButton } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { Textarea } from "@/components/ui/text-input";
import { symbolication as texts } from "@/lib/texts/symbolication";
import { useDrop } from "@/lib/use-drop";

import { examples } from "../examples";
import classes from "./page.module.css";
import { minidumpAmong, readFiles } from "../input/files";

interface Properties {
  input: string;
  dump: File | null;
  onChange: (input: string) => void;
  onDump: (dump: File) => void;
  onSubmit: () => void;
}

/** One large field that takes anything, files too; examples fill it. A minidump stands below it. */
export function InputField({ input, dump, onChange, onDump, onSubmit }: Properties) {
  const [problem, setProblem] = useState<string | null>(null);

  async function take(files: readonly File[]) {
    try {
      const minidump = await minidumpAmong(files);
      if (minidump === null) onChange(await readFiles(files));
      else onDump(minidump);
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  const isOver = useDrop((files) => void take(files));

  return (
    <div className={isOver ? classes["over"] : undefined}>
      <Textarea
        label={texts.input}
        description={texts.inputHint}
        error={problem}
        value={input}
        rows={16}
        data-page-filter
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        classNames={{ input: classes["input"] ?? "" }}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onSubmit();
        }}
      />
      {dump !== null && (
        <p className={classes["dump"]}>
          {texts.minidump} <strong>{dump.name}</strong> (<Size bytes={dump.size} />)
        </p>
      )}
      <Group gap="xs" mt="xs" className={classes["examples"] ?? ""}>
        <span className={classes["quiet"]}>{texts.examples}</span>
        {examples.map(({ label, text }) => (
          <Button
            key={label}
            variant="default"
            size="compact-sm"
            onClick={() => {
              setProblem(null);
              onChange(text);
            }}
          >
            {label}
          </Button>
        ))}
        <FileButton variant="subtle" size="compact-sm" onFiles={(files) => void take(files)}>
          {texts.chooseFile}
        </FileButton>
      </Group>
    </div>
  );
}
