// SPDX-License-Identifier: MPL-2.0

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { asApiError } from "@/lib/api/errors";
import { isServerUp } from "@/lib/api/transport";
import { noteRefusal } from "@/lib/server-state";

import type { Progress } from "./progress";
import { type Finished, type Order, run } from "./run";
import { NoAnswerError } from "./send";

/** An upload that has not begun, is under way, has ended well, or has not. */
export type UploadState =
  | { kind: "idle" }
  | { kind: "busy"; progress: Progress | null; wasSent: boolean }
  | { kind: "done"; finished: Finished }
  | { kind: "failed"; error: unknown; wasSent: boolean };

export interface RunningUpload {
  state: UploadState;
  start: (order: Order) => void;
  /** End an upload that is under way. */
  cancel: () => void;
  /** Forget one that has failed. */
  reset: () => void;
}

/** One upload at a time of one person; it ends when the page is left. */
export function useUpload(email: string): RunningUpload {
  const [state, setState] = useState<UploadState>({ kind: "idle" });
  const running = useRef<AbortController | null>(null);
  const client = useQueryClient();

  useEffect(
    () => () => {
      running.current?.abort();
    },
    [],
  );

  const start = useCallback(
    (order: Order) => {
      const controller = new AbortController();
      running.current = controller;
      let wasSent = false;
      setState({ kind: "busy", progress: null, wasSent });
      run(
        order,
        email,
        (progress) => {
          wasSent ||= progress.phase !== "sending";
          setState({ kind: "busy", progress, wasSent });
        },
        controller.signal,
      ).then(
        (finished) => {
          setState({ kind: "done", finished });
          void client.invalidateQueries({ queryKey: ["uploads"] });
        },
        (error: unknown) => {
          if (error instanceof NoAnswerError && !error.aborted) void isServerUp();
          if (asApiError(error).status === 403) noteRefusal(); // the session may have ended
          setState({ kind: "failed", error, wasSent });
        },
      );
    },
    [client, email],
  );

  return {
    state,
    start,
    cancel: () => running.current?.abort(),
    reset: () => {
      setState({ kind: "idle" });
    },
  };
}
