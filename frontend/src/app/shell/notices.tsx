// SPDX-License-Identifier: MPL-2.0

import { useQueryClient } from "@tanstack/react-query";
import { CloudOff, LogIn } from "lucide-react";
import { useEffect, useState } from "react";

import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { Notice } from "@/components/ui/notice";
import { authQuery, useAuth } from "@/lib/auth/use-auth";
import { clockTime } from "@/lib/format/time";
import { onRefusal, useDownSince } from "@/lib/server-state";
import { shell } from "@/lib/texts/shell";
import { useTimeZone } from "@/lib/time-zone";

import classes from "./shell.module.css";

/** While the server is down, a bar at the foot of the window: it moves nothing, and is seen anywhere. */
export function DownBar() {
  const since = useDownSince();
  const [zone] = useTimeZone();
  if (since === null) return null;
  return (
    <div role="alert" className={classes["down"]}>
      <CloudOff size={18} aria-hidden />
      <span>
        <strong>{shell.down.title}.</strong> {shell.down.text(clockTime(new Date(since), zone))}
      </span>
    </div>
  );
}

/**
 * A refusal may mean that the session has ended: then the server no longer knows who asks. One signs
 * in elsewhere, so that what is filled in here is kept, and comes back.
 */
export function SessionGone() {
  const queryClient = useQueryClient();
  const { person, signInUrl } = useAuth();
  const [last, setLast] = useState(person?.email);
  if (person !== null && person.email !== last) setLast(person.email);
  const isGone = last !== undefined && person === null;

  useEffect(() => {
    if (!isGone) return;
    return () => void queryClient.invalidateQueries();
  }, [isGone, queryClient]);

  useEffect(
    () => onRefusal(() => void queryClient.invalidateQueries({ queryKey: authQuery.queryKey })),
    [queryClient],
  );

  if (!isGone) return null;
  return (
    <Notice role="alert" color="yellow" icon={<LogIn />} title={shell.sessionGone.title} mb="md">
      <Group justify="space-between">
        {shell.sessionGone.text}
        {signInUrl !== null && (
          <Button href={signInUrl} target="_blank">
            {shell.signIn}
          </Button>
        )}
      </Group>
    </Notice>
  );
}
