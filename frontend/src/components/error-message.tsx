// SPDX-License-Identifier: MPL-2.0

import { TriangleAlert } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { asApiError } from "@/lib/api/errors";
import { useAuth } from "@/lib/auth/use-auth";
import { lists } from "@/lib/texts/lists";
import { shell } from "@/lib/texts/shell";

interface Properties {
  error: unknown;
  /** What could not be done; the server's own sentence follows. */
  title?: string | undefined;
  /** What tries again; not offered where the server would say the same again. */
  onRetry?: (() => void) | undefined;
}

/** What went wrong, in the server's own sentence; that the session has ended, where that is why. */
export function ErrorMessage({ error, title = lists.failed, onRetry }: Properties) {
  const { message, status } = asApiError(error);
  const isFinal = status >= 400 && status < 500 && status !== 429;
  return (
    <Notice role="alert" color="red" icon={<TriangleAlert />} title={title} my="md">
      {status === 403 ? (
        <Refusal message={message} />
      ) : (
        <p style={{ margin: 0, overflowWrap: "anywhere" }}>{message}</p>
      )}
      {onRetry !== undefined && !isFinal && (
        <Button mt="sm" size="compact-sm" variant="default" onClick={onRetry}>
          {lists.tryAgain}
        </Button>
      )}
    </Notice>
  );
}

function Refusal({ message }: { message: string }) {
  const { isLoading, person, signInUrl } = useAuth();
  if (isLoading || person !== null) return <p style={{ margin: 0 }}>{message}</p>;
  return (
    <>
      <p style={{ margin: 0 }}>{shell.sessionGone.inPlace}</p>
      {signInUrl !== null && (
        <Button mt="sm" size="compact-sm" href={signInUrl} target="_blank">
          {shell.signIn}
        </Button>
      )}
    </>
  );
}
