// SPDX-License-Identifier: MPL-2.0

import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { Dialog } from "@/components/ui/overlay";

import { ErrorMessage } from "./error-message";

interface FormProperties {
  /** What its buttons say, and what is said where it failed. */
  words: { cancel: string; button: string; failed?: string };
  /** What is being done once somebody has said so. */
  doing?: { isPending: boolean; error: unknown };
  /** Whether all that it needs is filled in. */
  isReady?: boolean;
  /** Whether it cannot be undone: the focus is at what leaves it. */
  isFinal?: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** What a dialog asks, with the buttons that do it and leave it. */
export function QuestionForm(properties: FormProperties) {
  const { words, doing, isReady = true, isFinal = false, onSubmit, onClose, children } = properties;
  const error = doing?.error ?? null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      {error !== null && <ErrorMessage error={error} title={words.failed} />}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus={isFinal || undefined}>
          {words.cancel}
        </Button>
        <Button
          type="submit"
          {...(isFinal && { color: "red" })}
          loading={doing?.isPending ?? false}
          disabled={!isReady}
        >
          {words.button}
        </Button>
      </Group>
    </form>
  );
}

/** A dialog that asks one thing. */
export function Question({ title, ...form }: FormProperties & { title: string }) {
  return (
    <Dialog title={title} close={form.words.cancel} onClose={form.onClose}>
      <QuestionForm {...form} />
    </Dialog>
  );
}
