// SPDX-License-Identifier: MPL-2.0

import { Search } from "lucide-react";

import { Lookup } from "@/components/lookup/lookup";
import { IconButton } from "@/components/ui/button";
import { lookup as words } from "@/lib/texts/lookup";

import classes from "./header-lookup.module.css";

/** The lookup box in the top bar, where there is room for it. */
export function LookupInBar() {
  return (
    <div className={classes["inBar"]}>
      <Lookup />
    </div>
  );
}

interface Properties {
  isOpen: boolean;
  onToggle: () => void;
}

/** What opens the lookup box below the bar, where that has no room. */
export function LookupButton({ isOpen, onToggle }: Properties) {
  return (
    <IconButton
      aria-label={words.open}
      aria-expanded={isOpen}
      data-lookup-button
      onClick={onToggle}
    >
      <Search size={18} />
    </IconButton>
  );
}

/** The lookup box below the bar; closing it gives the focus back to its button. */
export function LookupBelowBar({ onLeave }: { onLeave: () => void }) {
  return (
    <div className={classes["belowBar"]}>
      <Lookup
        autoFocus
        onLeave={() => {
          onLeave();
          document.querySelector<HTMLElement>("[data-lookup-button]")?.focus();
        }}
      />
    </div>
  );
}

/** Give the focus to the lookup box, which is behind its button where the bar has no room. */
export function focusLookup(): void {
  const box =
    document.querySelector<HTMLElement>("main [data-lookup]") ??
    document.querySelector<HTMLElement>("[data-lookup]");
  if (box !== null) box.focus();
  else document.querySelector<HTMLElement>("[data-lookup-button]")?.click();
}
