// SPDX-License-Identifier: MPL-2.0

import { Dialog } from "@/components/dialog";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import type { TaskRow } from "@/lib/api/schema";
import { tasks } from "@/lib/texts/tasks";

const words = tasks.question;

interface Properties {
  what: TaskRow | "failed";
  onDrop: () => void;
  onClose: () => void;
}

/** Asks whether a task, or all that failed, should go. */
export function DropQuestion({ what, onDrop, onClose }: Properties) {
  return (
    <Dialog
      title={what === "failed" ? words.all : words.one(what.id)}
      close={words.cancel}
      onClose={onClose}
    >
      {what !== "failed" && <p>{what.name}</p>}
      <p>{words.text}</p>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          {words.cancel}
        </Button>
        <Button color="red" onClick={onDrop}>
          {words.button}
        </Button>
      </Group>
    </Dialog>
  );
}
