// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { Question } from "@/components/question";
import { Time } from "@/components/time";
import type { TokenShape } from "@/lib/api/schema";
import { tokens } from "@/lib/texts/tokens";

import { deleteToken, TOKENS } from "../api/tokens";
import { tokenName } from "../token-name";

const words = tokens.delete;

/** Asks whether a token should go. */
export function DeleteToken({ token, onClose }: { token: TokenShape; onClose: () => void }) {
  const client = useQueryClient();
  const deleting = useMutation({
    mutationFn: () => deleteToken(token.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [TOKENS] });
      onClose();
    },
  });
  return (
    <Question
      title={words.title(tokenName(token))}
      words={words}
      doing={deleting}
      isFinal
      onSubmit={deleting.mutate}
      onClose={onClose}
    >
      <p>{words.text}</p>
      <p>
        {token.last_used_at === null ? (
          words.never
        ) : (
          <>
            {words.used} <Time value={token.last_used_at} />
          </>
        )}
      </p>
    </Question>
  );
}
