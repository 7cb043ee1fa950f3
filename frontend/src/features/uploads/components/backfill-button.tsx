// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { asApiError } from "@/lib/api/errors";
import { uploads } from "@/lib/texts/uploads";

import { backfill } from "../api/uploads";
import classes from "./backfill-button.module.css";

const DAYS = 30;
const words = uploads.created;

/** Has the last days counted again, for when somebody has changed uploads by hand. */
export function BackfillButton() {
  const client = useQueryClient();
  const counting = useMutation({
    mutationFn: () => backfill(DAYS),
    onSuccess: () => client.invalidateQueries({ queryKey: ["uploads created"] }),
  });
  return (
    <Group gap={0}>
      <span role="status" className={classes["told"]}>
        {counting.isSuccess && words.backfilled(counting.data)}
        {counting.isError && `${words.backfillFailed}: ${asApiError(counting.error).message}`}
      </span>
      <Button variant="default" loading={counting.isPending} onClick={() => counting.mutate()}>
        {words.backfill}
      </Button>
    </Group>
  );
}
