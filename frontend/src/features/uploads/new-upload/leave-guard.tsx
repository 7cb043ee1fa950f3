// SPDX-License-Identifier: MPL-2.0

import { useEffect } from "react";
import { useBlocker } from "react-router";

import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { Modal } from "@/components/ui/overlay";
import { newUpload } from "@/lib/texts/new-upload";

const words = newUpload.leave;

/** Asks before an upload that is under way is ended by leaving the page. */
export function LeaveGuard({ isActive }: { isActive: boolean }) {
  const blocker = useBlocker(isActive);

  useEffect(() => {
    if (!isActive) return;
    const warn = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
    };
  }, [isActive]);

  useEffect(() => {
    // The upload has ended while it was asked: there is nothing left to lose, but to see how.
    if (!isActive && blocker.state === "blocked") blocker.reset();
  }, [isActive, blocker]);

  return (
    <Modal
      opened={blocker.state === "blocked"}
      onClose={() => blocker.reset?.()}
      title={words.title}
      closeButtonProps={{ "aria-label": words.stay }}
    >
      <p>{words.text}</p>
      <Group justify="end">
        <Button variant="default" onClick={() => blocker.proceed?.()}>
          {words.leave}
        </Button>
        <Button data-autofocus onClick={() => blocker.reset?.()}>
          {words.stay}
        </Button>
      </Group>
    </Modal>
  );
}
