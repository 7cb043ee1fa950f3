// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";

import { Dialog } from "@/components/dialog";
import { ErrorMessage } from "@/components/error-message";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { TextInput } from "@/components/ui/text-input";
import { useAuth } from "@/lib/auth/use-auth";
import { uploads } from "@/lib/texts/uploads";

import { deleteSymbols, type Deletable } from "../api/delete";

const words = uploads.deleting;

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
  const close = () => {
    setIsOpen(false);
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<Trash2 size={16} />}
        onClick={() => {
          setIsOpen(true);
        }}
      >
        {words.button}
      </Button>
      {isOpen && <Question what={what} onClose={close} />}
    </>
  );
}

function Question({ what, onClose }: { what: Deletable; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const deleting = useMutation({
    mutationFn: () => deleteSymbols(what, reason.trim()),
    onSuccess: async () => {
      await client.invalidateQueries();
      onClose();
    },
  });
  return (
    <Dialog
      title={what.kind === "upload" ? words.upload(what.id) : words.file}
      close={words.cancel}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          deleting.mutate();
        }}
      >
        <p>
          {words.stays} {words.replaced} {what.kind === "upload" && words.many}
        </p>
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
        {deleting.error !== null && <ErrorMessage error={deleting.error} title={words.failed} />}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button
            type="submit"
            color="red"
            loading={deleting.isPending}
            disabled={reason.trim() === ""}
          >
            {words.button}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
