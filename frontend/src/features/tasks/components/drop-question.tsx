// SPDX-License-Identifier: MPL-2.0

import { Dialog } from "@/components/dialog";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import type { TaskRow } from "@/lib/api/schema";
import { tasks } from "@/lib/texts/tasks";

const words = tasks.question;

interface Properties {
  what: TaskRow[] | "failed";
  onDrop: () => void;
  onClose: () => void;
}

/** Asks whether some tasks, or all that failed, should go. */
export function DropQuestion({ what, onDrop, onClose }: Properties) {
  const [first] = what === "failed" ? [] : what;
  const isOne = first !== undefined && what.length === 1;
  const title = isOne
    ? words.one(first.id)
    : what === "failed"
      ? words.all
      : words.some(what.length);
  return (
    <Dialog title={title} close={words.cancel} onClose={onClose}>
      {isOne && <p>{first.name}</p>}
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
