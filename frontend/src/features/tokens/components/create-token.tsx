// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ErrorMessage } from "@/components/error-message";
import { QuestionForm } from "@/components/question";
import { Anchor } from "@/components/ui/anchor";
import { Checkbox } from "@/components/ui/checkbox";
import { Stack } from "@/components/ui/layout";
import { Dialog } from "@/components/ui/overlay";
import { NativeSelect } from "@/components/ui/select";
import { TextInput } from "@/components/ui/text-input";
import { splitError } from "@/lib/api/errors";
import type { NewTokenShape, PermissionShape } from "@/lib/api/schema";
import { useAppSettings } from "@/lib/app-settings";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { tokens } from "@/lib/texts/tokens";

import { createToken, grantableQuery, TOKENS } from "../api/tokens";
import { daysChoices, permissionWords } from "../token-name";

const words = tokens.create;
// A bucket is chosen by which of these a token has, so it cannot have both.
const NOT_TOGETHER = ["upload.upload_symbols", "upload.upload_try_symbols"];
const USUAL_DAYS = 365;
const FIELDS = ["permissions", "expires", "notes"];

interface Properties {
  onClose: () => void;
  onMade: (token: NewTokenShape) => void;
}

/** The form that makes a token. */
export function CreateToken({ onClose, onMade }: Properties) {
  return (
    <Dialog title={words.title} close={words.cancel} isLarge onClose={onClose}>
      <TokenForm onClose={onClose} onMade={onMade} />
    </Dialog>
  );
}

function TokenForm({ onClose, onMade }: Properties) {
  const grantable = useQuery(grantableQuery);
  const { isPrivate } = useAuth();
  const usualDays = useAppSettings()?.default_token_days ?? USUAL_DAYS;
  const [chosen, setChosen] = useState<string[]>([]);
  const [days, setDays] = useState(String(usualDays));
  const [notes, setNotes] = useState("");
  const client = useQueryClient();
  const making = useMutation({
    mutationFn: createToken,
    onSuccess: (token) => {
      void client.invalidateQueries({ queryKey: [TOKENS] });
      onMade(token);
    },
  });
  const { fields, rest } = splitError(making.error, FIELDS);

  if (grantable.error !== null) {
    return <ErrorMessage error={grantable.error} onRetry={() => void grantable.refetch()} />;
  }
  const isReader = grantable.data?.length === 0 && isPrivate;
  if (grantable.data?.length === 0 && !isPrivate) {
    return (
      <p>
        {words.none} <Anchor to={paths.help}>{words.howToGetMore}</Anchor>
      </p>
    );
  }
  return (
    <QuestionForm
      words={words}
      doing={{ isPending: making.isPending, error: rest }}
      isReady={chosen.length > 0 || isPrivate}
      onSubmit={() =>
        making.mutate({ permissions: chosen.map(Number), expires: Number(days), notes })
      }
      onClose={onClose}
    >
      <Stack>
        {isReader ? (
          <p>{words.reads}</p>
        ) : (
          <Checkbox.Group
            label={words.permissions}
            description={isPrivate ? words.readsToo : words.permissionsText}
            value={chosen}
            onChange={setChosen}
            error={fields["permissions"]}
          >
            <Stack mt="xs" gap="xs">
              {grantable.data?.map((permission) => (
                <PermissionBox
                  key={permission.id}
                  permission={permission}
                  other={otherOf(permission, grantable.data, chosen)}
                />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <NativeSelect
          label={words.expires}
          data={daysChoices(usualDays)}
          value={days}
          error={fields["expires"]}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
        <TextInput
          label={words.label}
          description={words.labelText}
          placeholder={words.labelExample}
          maxLength={2000}
          value={notes}
          error={fields["notes"]}
          onChange={(event) => setNotes(event.currentTarget.value)}
        />
      </Stack>
    </QuestionForm>
  );
}

interface BoxProperties {
  permission: PermissionShape;
  /** A chosen permission that this one cannot be together with. */
  other: PermissionShape | undefined;
}

function PermissionBox({ permission, other }: BoxProperties) {
  const { name, allows } = permissionWords(permission);
  return (
    <Checkbox
      value={String(permission.id)}
      label={name}
      description={other === undefined ? allows : words.notTogether(permissionWords(other).name)}
      disabled={other !== undefined}
    />
  );
}

function otherOf(
  permission: PermissionShape,
  all: PermissionShape[],
  chosen: string[],
): PermissionShape | undefined {
  if (!NOT_TOGETHER.includes(permission.codename)) return undefined;
  return all.find(
    ({ id, codename }) =>
      codename !== permission.codename &&
      NOT_TOGETHER.includes(codename) &&
      chosen.includes(String(id)),
  );
}
