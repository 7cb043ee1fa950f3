// SPDX-License-Identifier: MPL-2.0

import { Button, Group, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { ErrorMessage } from "@/components/error-message";
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
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [TOKENS] });
      onClose();
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={words.title(tokenName(token))}
      closeButtonProps={{ "aria-label": words.cancel }}
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
    </Modal>
  );
}
