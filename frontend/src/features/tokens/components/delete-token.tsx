// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { Dialog } from "@/components/dialog";
import { ErrorMessage } from "@/components/error-message";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
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
    <Dialog title={words.title(tokenName(token))} close={words.cancel} onClose={onClose}>
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
      {deleting.error !== null && <ErrorMessage error={deleting.error} title={words.failed} />}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          {words.cancel}
        </Button>
        <Button
          color="red"
          loading={deleting.isPending}
          onClick={() => {
            deleting.mutate();
          }}
        >
          {words.button}
        </Button>
      </Group>
    </Dialog>
  );
}
