// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Question } from "@/components/question";
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
  return (
    <Question
      title={words.title(tokenName(token))}
      words={words}
      doing={extending}
      onSubmit={extending.mutate}
      onClose={onClose}
    >
      <p>{words.text}</p>
      <NativeSelect
        label={words.days}
        data={daysChoices(usualDays)}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
      />
    </Question>
  );
}
