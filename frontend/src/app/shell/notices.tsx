// SPDX-License-Identifier: MPL-2.0

import { Alert, Button, Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { CloudOff, LogIn } from "lucide-react";
import { useEffect, useState } from "react";

import { authQuery, useAuth } from "@/lib/auth/use-auth";
import { noteRecovery, useServerState } from "@/lib/server-state";
import { shell } from "@/lib/texts/shell";

const AGAIN_MILLISECONDS = 5000;

/** What stands above a page while the server is away, or since the session has ended. */
export function Notices() {
  const state = useServerState();
  return (
    <>
      {state === "down" && <Down />}
      <SessionGone isRefused={state === "refused"} />
    </>
  );
}

function Down() {
  const queryClient = useQueryClient();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden) return;
      fetch("/__lbheartbeat__").then(
        (answer) => {
          if (!answer.ok) return;
          noteRecovery();
          void queryClient.invalidateQueries();
        },
        () => undefined, // still away
      );
    }, AGAIN_MILLISECONDS);
    return () => {
      clearInterval(timer);
    };
  }, [queryClient]);
  return (
    <Alert role="alert" color="red" icon={<CloudOff />} title={shell.down.title} mb="md">
      {shell.down.text}
    </Alert>
  );
}

/**
 * A refusal may mean that the session has ended: then the server no longer knows who asks. One signs
 * in elsewhere, so that what is filled in here is kept, and comes back.
 */
function SessionGone({ isRefused }: { isRefused: boolean }) {
  const queryClient = useQueryClient();
  const { person, signInUrl } = useAuth();
  const [last, setLast] = useState(person?.email);
  if (person !== null && person.email !== last) setLast(person.email);
  const isGone = last !== undefined && person === null;

  useEffect(() => {
    if (!isGone) return;
    return () => void queryClient.invalidateQueries();
  }, [isGone, queryClient]);

  useEffect(() => {
    if (!isRefused) return;
    noteRecovery();
    void queryClient.invalidateQueries({ queryKey: authQuery.queryKey });
  }, [isRefused, queryClient]);

  if (!isGone) return null;
  return (
    <Alert role="alert" color="yellow" icon={<LogIn />} title={shell.sessionGone.title} mb="md">
      <Group justify="space-between">
        {shell.sessionGone.text}
        {signInUrl !== null && (
          <Button component="a" href={signInUrl} target="_blank">
            {shell.signIn}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
