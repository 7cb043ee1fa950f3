// SPDX-License-Identifier: MPL-2.0

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { asApiError } from "@/lib/api/errors";
import { isServerUp } from "@/lib/api/transport";
import { noteRefusal } from "@/lib/server-state";

import { archiveName, run } from "./run";
import { NoAnswerError } from "./send";
import {
  type Order as ParcelsOrder,
  type Outcome,
  type ParcelProgress,
  sendParcels,
} from "./send-parcels";

/** What somebody has asked to be uploaded: parcels, or an archive at a URL. */
export type Order = Omit<ParcelsOrder, "email"> & { url: string };

/** An upload that has not begun, is under way, has ended well or in part, or has not. */
export type UploadState =
  | { kind: "idle" }
  | { kind: "busy"; progress: ParcelProgress | null }
  | { kind: "done"; outcomes: Outcome[] }
  | { kind: "failed"; error: unknown; wasSent: boolean };

interface RunningUpload {
  state: UploadState;
  start: (order: Order) => void;
  /** End an upload that is under way. */
  cancel: () => void;
  /** Send all, without looking for what the server has already. */
  skip: () => void;
  /** Forget one that has ended. */
  reset: () => void;
}

interface Running {
  cancel: AbortController;
  skip: AbortController;
}

/** The uploads of one person, one at a time; they end when the page is left. */
export function useUpload(email: string): RunningUpload {
  const [state, setState] = useState<UploadState>({ kind: "idle" });
  const running = useRef<Running | null>(null);
  const client = useQueryClient();

  useEffect(() => () => running.current?.cancel.abort(), []);

  async function work(order: Order, { cancel, skip }: Running) {
    let wasSent = false;
    const tell = (progress: ParcelProgress) => {
      const phase = progress.progress?.phase;
      wasSent = phase === "checking" || phase === "storing";
      setState({ kind: "busy", progress });
    };
    const outcomes =
      order.url === ""
        ? await sendParcels({ ...order, email }, tell, {
            cancel: cancel.signal,
            skip: skip.signal,
          })
        : [await fetchByUrl(order, email, tell, cancel.signal)];
    void client.invalidateQueries({ queryKey: ["uploads"] });
    for (const outcome of outcomes) if (outcome.kind === "failed") note(outcome.error);
    const [only] = outcomes;
    setState(
      outcomes.length === 1 && only?.kind === "failed"
        ? { kind: "failed", error: only.error, wasSent }
        : { kind: "done", outcomes },
    );
  }

  return {
    state,
    start: (order) => {
      const controllers = { cancel: new AbortController(), skip: new AbortController() };
      running.current = controllers;
      setState({ kind: "busy", progress: null });
      void work(order, controllers);
    },
    cancel: () => running.current?.cancel.abort(),
    skip: () => running.current?.skip.abort(),
    reset: () => setState({ kind: "idle" }),
  };
}

async function fetchByUrl(
  { url, isTry, bucket }: Order,
  email: string,
  tell: (progress: ParcelProgress) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const order = { file: null, url, isTry, bucket, files: null };
  const name = archiveName(order);
  try {
    const finished = await run(
      order,
      email,
      (progress) => tell({ name: url, number: 1, of: 1, progress }),
      signal,
    );
    return { kind: "stored", name, ...finished, present: 0 };
  } catch (error) {
    return { kind: "failed", name, error };
  }
}

function note(error: unknown): void {
  if (error instanceof NoAnswerError && !error.aborted) void isServerUp();
  if (asApiError(error).status === 403) noteRefusal(); // the session may have ended
}
