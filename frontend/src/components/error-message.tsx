// SPDX-License-Identifier: MPL-2.0

import { Alert, Button } from "@mantine/core";
import { TriangleAlert } from "lucide-react";

import { asApiError } from "@/lib/api/errors";
import { lists } from "@/lib/texts/lists";

interface Properties {
  error: unknown;
  /** What could not be done; the server's own sentence follows. */
  title?: string;
  /** What tries again; not offered where the server would say the same again. */
  onRetry?: (() => void) | undefined;
}

/** What went wrong, in the server's own sentence. */
export function ErrorMessage({ error, title = lists.failed, onRetry }: Properties) {
  const { message, status } = asApiError(error);
  const isFinal = status >= 400 && status < 500 && status !== 429;
  return (
    <Alert role="alert" color="red" icon={<TriangleAlert />} title={title} my="md">
      <p style={{ margin: 0, overflowWrap: "anywhere" }}>{message}</p>
      {onRetry !== undefined && !isFinal && (
        <Button mt="sm" size="compact-sm" variant="default" onClick={onRetry}>
          {lists.tryAgain}
        </Button>
      )}
    </Alert>
  );
}
