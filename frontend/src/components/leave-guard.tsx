// SPDX-License-Identifier: MPL-2.0

import { useEffect } from "react";
import { useBlocker } from "react-router";

import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { Dialog } from "@/components/ui/overlay";

interface Properties {
  /** Whether there is anything to lose; it is asked no more once there is not. */
  isActive?: boolean;
  title: string;
  /** What would be lost. */
  text: string;
  stay: string;
  leave: string;
}

/** While it is there, leaving the page is asked about first. */
export function LeaveGuard({ isActive = true, title, text, stay, leave }: Properties) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isActive && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!isActive) return;
    // Browsers ask in their own words.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isActive]);
  useEffect(() => {
    if (!isActive && blocker.state === "blocked") blocker.reset();
  }, [isActive, blocker]);
  if (blocker.state !== "blocked") return null;
  return (
    <Dialog title={title} close={stay} onClose={blocker.reset}>
      <p>{text}</p>
      <Group justify="flex-end">
        <Button variant="default" onClick={blocker.proceed}>
          {leave}
        </Button>
        <Button data-autofocus onClick={blocker.reset}>
          {stay}
        </Button>
      </Group>
    </Dialog>
  );
}
