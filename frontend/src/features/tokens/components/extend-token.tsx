// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";

import { Dialog } from "@/components/dialog";
import { ErrorMessage } from "@/components/error-message";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { NativeSelect } from "@/components/ui/select";
import type { TokenShape } from "@/lib/api/schema";
import { useAppSettings } from "@/lib/app-settings";
import { tokens } from "@/lib/texts/tokens";

import { extendToken, TOKENS } from "../api/tokens";
import { daysChoices, tokenName } from "../token-name";

const words = tokens.extend;
const USUAL_DAYS = 365;

/** Asks by how much a token should last longer. */
export function ExtendToken({ token, onClose }: { token: TokenShape; onClose: () => void }) {
  const usualDays = useAppSettings()?.default_token_days ?? USUAL_DAYS;
  const [days, setDays] = useState(String(usualDays));
  const client = useQueryClient();
  const extending = useMutation({
    mutationFn: () => extendToken(token.id, Number(days)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [TOKENS] });
      onClose();
    },
  });

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    extending.mutate();
  }

  return (
    <Dialog title={words.title(tokenName(token))} close={words.cancel} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{words.text}</p>
        <NativeSelect
          label={words.days}
          data={daysChoices(usualDays)}
          value={days}
          onChange={(event) => {
            setDays(event.currentTarget.value);
          }}
        />
        {extending.error !== null && <ErrorMessage error={extending.error} title={words.failed} />}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            {words.cancel}
          </Button>
          <Button type="submit" loading={extending.isPending}>
            {words.button}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
