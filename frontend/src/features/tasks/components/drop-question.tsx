// SPDX-License-Identifier: MPL-2.0

import { Button, Group, Modal } from "@mantine/core";

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
    <Modal
      opened
      onClose={onClose}
      title={what === "failed" ? words.all : words.one(what.id)}
      closeButtonProps={{ "aria-label": words.cancel }}
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
    </Modal>
  );
}
