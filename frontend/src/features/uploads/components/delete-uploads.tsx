// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { type SubmitEvent, useState } from "react";

import { Dialog } from "@/components/dialog";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { TextInput } from "@/components/ui/text-input";
import type { DeletedAnswer, UploadRow } from "@/lib/api/schema";
import { asApiError } from "@/lib/api/errors";
import { uploads as texts } from "@/lib/texts/uploads";

import { deleteSymbols } from "../api/delete";
import classes from "./delete-uploads.module.css";

const words = texts.deleting;

interface Properties {
  uploads: UploadRow[];
  /** It was done, and somebody has read what came of it. */
  onDone: () => void;
}

/** A button that deletes the files of several uploads, and says what happened to each. */
export function DeleteUploads({ uploads, onDone }: Properties) {
  const [asked, setAsked] = useState<UploadRow[] | null>(null);
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Trash2 size={14} />}
        onClick={() => {
          setAsked(uploads);
        }}
      >
        {words.button}
      </Button>
      {asked !== null && (
        <Question
          uploads={asked}
          onClose={(isDone) => {
            setAsked(null);
            if (isDone) onDone();
          }}
        />
      )}
    </>
  );
}

type Results = Readonly<Record<number, string>>;

function Question({
  uploads,
  onClose,
}: {
  uploads: UploadRow[];
  onClose: (isDone: boolean) => void;
}) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [results, setResults] = useState<Results>({});
  const deleting = useMutation({
    mutationFn: async () => {
      for (const { id } of uploads) {
        const result = await outcomeOf(id, reason.trim());
        setResults((before) => ({ ...before, [id]: result }));
      }
    },
  });
  const isBegun = !deleting.isIdle;

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    deleting.mutate();
  }

  function close() {
    if (deleting.isPending) return;
    if (isBegun) void client.invalidateQueries();
    onClose(isBegun);
  }

  return (
    <Dialog title={words.some(uploads.length)} close={words.cancel} onClose={close}>
      <form onSubmit={submit}>
        {!isBegun && (
          <p>
            {words.stays} {words.replaced} {words.many}
          </p>
        )}
        <ul
          className={classes["uploads"]}
          {...(isBegun && { "aria-live": "polite", "aria-label": words.results })}
        >
          {uploads.map(({ id, filename }) => (
            <li key={id}>
              <strong>{texts.upload.title(String(id))}</strong> {filename}
              {isBegun && <p>{results[id] ?? words.waiting}</p>}
            </li>
          ))}
        </ul>
        {!isBegun && (
          <TextInput
            label={words.reason}
            description={words.reasonNote}
            required
            maxLength={2000}
            value={reason}
            onChange={(event) => {
              setReason(event.currentTarget.value);
            }}
            data-autofocus
          />
        )}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" disabled={deleting.isPending} onClick={close}>
            {isBegun ? words.close : words.cancel}
          </Button>
          {(!isBegun || deleting.isPending) && (
            <Button
              type="submit"
              color="red"
              loading={deleting.isPending}
              disabled={reason.trim() === ""}
            >
              {words.button}
            </Button>
          )}
        </Group>
      </form>
    </Dialog>
  );
}

/** Delete the files of an upload, and return in words what came of it. */
async function outcomeOf(id: number, reason: string): Promise<string> {
  try {
    return told(await deleteSymbols({ kind: "upload", id }, reason));
  } catch (error) {
    return `${words.failed}: ${asApiError(error).message}`;
  }
}

function told(answer: DeletedAnswer): string {
  const { removed_count: removed, pending_count: pending, kept_count: kept } = answer;
  const result = words.result(removed, pending, kept);
  const stays = answer.out_of_reach_count;
  return stays === 0 ? result : `${result}; ${words.outOfReach(stays)}`;
}
