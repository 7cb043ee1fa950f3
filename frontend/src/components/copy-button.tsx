// SPDX-License-Identifier: MPL-2.0

import { Check, Copy, TextSelect } from "lucide-react";

import { IconButton } from "@/components/ui/button";
import { lists } from "@/lib/texts/lists";
import { useCopy } from "@/lib/use-copy";

const icons = { idle: Copy, copied: Check, refused: TextSelect } as const;
const words = { idle: lists.copy, copied: lists.copied, refused: lists.copyRefused } as const;

interface Properties {
  text: string;
  /** What it is, for who does not see it beside the button. */
  label: string;
  className?: string | undefined;
}

/** A small button that copies a text, and says for two seconds how it went. */
export function CopyButton({ text, label, className }: Properties) {
  const [state, copy] = useCopy(text);
  const Icon = icons[state];
  return (
    <IconButton
      className={className}
      size="sm"
      title={words[state]}
      aria-label={`${words[state]}: ${label}`}
      onClick={copy}
    >
      <Icon size={14} aria-hidden />
    </IconButton>
  );
}
