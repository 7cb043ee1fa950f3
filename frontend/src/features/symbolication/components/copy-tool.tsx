// SPDX-License-Identifier: MPL-2.0

import { Check, Copy, TextSelect } from "lucide-react";

import { Button } from "@/components/ui/button";
import { lists } from "@/lib/texts/lists";
import { useCopy } from "@/lib/use-copy";

const icons = { idle: Copy, copied: Check, refused: TextSelect } as const;

interface Properties {
  /** What is copied: `Copy as text`. */
  label: string;
  text: string;
  disabled?: boolean;
}

/** A button that copies a text, and says for two seconds how it went. */
export function CopyTool({ label, text, disabled = false }: Properties) {
  const [state, copy] = useCopy(text);
  const Icon = icons[state];
  const words = { idle: label, copied: lists.copied, refused: lists.copyRefused } as const;
  return (
    <Button
      variant="default"
      size="compact-sm"
      leftSection={<Icon size={14} aria-hidden />}
      disabled={disabled}
      aria-label={state === "idle" ? label : `${words[state]}: ${label}`}
      onClick={copy}
    >
      {words[state]}
    </Button>
  );
}
