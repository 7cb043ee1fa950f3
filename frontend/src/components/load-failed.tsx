// SPDX-License-Identifier: MPL-2.0

import { Anchor } from "@/components/ui/anchor";
import { asApiError } from "@/lib/api/errors";
import { lists } from "@/lib/texts/lists";

import { ErrorMessage } from "./error-message";
import { StateMessage } from "./state-message";

interface Properties {
  error: unknown;
  onRetry: () => void;
  /** What is sought: "upload". */
  noun: string;
  /** Where all of them are. */
  list: { title: string; path: string };
}

/** Why the page of one thing shows nothing: there is no such thing, or it could not be loaded. */
export function LoadFailed({ error, onRetry, noun, list }: Properties) {
  if (asApiError(error).status !== 404) return <ErrorMessage error={error} onRetry={onRetry} />;
  return (
    <StateMessage title={lists.noSuch(noun)}>
      <p>{lists.noSuchText}</p>
      <Anchor to={list.path}>{list.title}</Anchor>
    </StateMessage>
  );
}
