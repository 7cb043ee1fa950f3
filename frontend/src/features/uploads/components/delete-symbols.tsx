// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";

import { QuestionForm } from "@/components/question";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { Dialog } from "@/components/ui/overlay";
import { TextInput } from "@/components/ui/text-input";
import { asApiError } from "@/lib/api/errors";
import type { DeletedAnswer, UploadRow } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { uploads as texts } from "@/lib/texts/uploads";

import { type Deletable, deleteSymbols } from "../api/uploads";
import classes from "./delete-symbols.module.css";

const words = texts.deleting;

interface Properties {
  what: Deletable;
  /** The email of who uploaded it; null where nobody did. */
  owner: string | null;
}

/** A button that deletes an upload or a file, for who may: its owner, or a superuser. */
export function DeleteSymbols({ what, owner }: Properties) {
  const { person, isSuperuser } = useAuth();
  const [isOpen, setIsOpen] = useState(false);
  if (!isSuperuser && person?.email !== owner) return null;
  return (
    <>
      <Button variant="default" leftSection={<Trash2 size={16} />} onClick={() => setIsOpen(true)}>
        {words.button}
      </Button>
      {isOpen && <DeleteOne what={what} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function DeleteOne({ what, onClose }: { what: Deletable; onClose: () => void }) {
  const client = useQueryClient();
  const deleting = useMutation({
    mutationFn: (reason: string) => deleteSymbols(what, reason),
    onSuccess: async () => {
      await client.invalidateQueries();
      onClose();
    },
  });
  const isUpload = what.kind === "upload";
  return (
    <Dialog
      title={isUpload ? words.upload(what.id) : words.file}
      close={words.cancel}
      onClose={onClose}
    >
      <ReasonForm isMany={isUpload} doing={deleting} onDelete={deleting.mutate} onClose={onClose} />
    </Dialog>
  );
}

interface SomeProperties {
  uploads: UploadRow[];
  /** It was done, and somebody has read what came of it. */
  onDone: () => void;
}

/** A button that deletes the files of several uploads, and says what happened to each. */
export function DeleteUploads({ uploads, onDone }: SomeProperties) {
  const [asked, setAsked] = useState<UploadRow[] | null>(null);
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Trash2 size={14} />}
        onClick={() => setAsked(uploads)}
      >
        {words.button}
      </Button>
      {asked !== null && (
        <DeleteSome
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

interface DeleteSomeProperties {
  uploads: UploadRow[];
  onClose: (isDone: boolean) => void;
}

function DeleteSome({ uploads, onClose }: DeleteSomeProperties) {
  const client = useQueryClient();
  const [results, setResults] = useState<Readonly<Record<number, string>>>({});
  const deleting = useMutation({
    mutationFn: async (reason: string) => {
      for (const { id } of uploads) {
        const result = await outcomeOf(id, reason);
        setResults((before) => ({ ...before, [id]: result }));
      }
    },
  });
  const isBegun = !deleting.isIdle;

  function close() {
    if (deleting.isPending) return;
    if (isBegun) void client.invalidateQueries();
    onClose(isBegun);
  }

  const list = (
    <ul
      className={classes["list"]}
      {...(isBegun && { "aria-live": "polite", "aria-label": words.results })}
    >
      {uploads.map(({ id, filename }) => (
        <li key={id}>
          <strong>{texts.upload.title(String(id))}</strong> {filename}
          {isBegun && <p>{results[id] ?? words.waiting}</p>}
        </li>
      ))}
    </ul>
  );
  return (
    <Dialog title={words.some(uploads.length)} close={words.cancel} onClose={close}>
      {isBegun ? (
        <>
          {list}
          <Group justify="flex-end" mt="lg">
            <Button variant="default" loading={deleting.isPending} autoFocus onClick={close}>
              {words.close}
            </Button>
          </Group>
        </>
      ) : (
        <ReasonForm isMany onDelete={deleting.mutate} onClose={close}>
          {list}
        </ReasonForm>
      )}
    </Dialog>
  );
}

interface ReasonProperties {
  /** Whether it takes its time. */
  isMany: boolean;
  doing?: { isPending: boolean; error: unknown };
  onDelete: (reason: string) => void;
  onClose: () => void;
  /** What is deleted, where that are several. */
  children?: ReactNode;
}

/** Says what deleting does, and asks why. */
function ReasonForm({ isMany, onDelete, children, ...rest }: ReasonProperties) {
  const [reason, setReason] = useState("");
  return (
    <QuestionForm
      {...rest}
      words={words}
      isFinal
      isReady={reason.trim() !== ""}
      onSubmit={() => onDelete(reason.trim())}
    >
      <p>
        {words.stays} {words.replaced} {isMany && words.many}
      </p>
      {children}
      <TextInput
        label={words.reason}
        description={words.reasonNote}
        required
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </QuestionForm>
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
