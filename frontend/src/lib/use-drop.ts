// SPDX-License-Identifier: MPL-2.0

import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

import { droppedFiles, type Kind, kindOf } from "./dropped";

interface Taker {
  kind: Kind;
  take: (files: File[]) => void;
}

const takers: Taker[] = [];
/** What was dropped on a page that does not take it, for the one that is opened for it. */
let waiting: { kind: Kind; files: File[] } | null = null;
let open: ((kind: Kind) => void) | null = null;

/** Take files of a kind that are dropped anywhere on the page; returns whether some are held over it. */
export function useDrop(onFiles: (files: File[]) => void, kind: Kind = "crash"): boolean {
  const take = useEffectEvent(onFiles);
  useEffect(() => {
    const taker: Taker = {
      kind,
      take: (files) => take(files),
    };
    takers.push(taker);
    const stop = listen();
    if (waiting?.kind === kind) {
      const { files } = waiting;
      waiting = null;
      take(files);
    }
    return () => {
      takers.splice(takers.indexOf(taker), 1);
      stop();
    };
  }, [kind]);
  return useSyncExternalStore(onOver, () => isOver);
}

/** Open the page for what is dropped on one that does not take it; it is taken there. */
export function useDropAnywhere(onOpen: (kind: Kind) => void): void {
  const openPage = useEffectEvent(onOpen);
  useEffect(() => {
    open = (kind) => openPage(kind);
    const stop = listen();
    return () => {
      open = null;
      stop();
    };
  }, []);
}

let isOver = false;
const listeners = new Set<() => void>();

function onOver(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setOver(next: boolean): void {
  isOver = next;
  for (const listener of listeners) listener();
}

let count = 0;

function listen(): () => void {
  count += 1;
  if (count === 1) {
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
  }
  return () => {
    count -= 1;
    if (count > 0) return;
    window.removeEventListener("dragover", over);
    window.removeEventListener("dragleave", leave);
    window.removeEventListener("drop", drop);
  };
}

function over(event: DragEvent): void {
  if (!hasFiles(event)) return;
  event.preventDefault();
  if (!isOver) setOver(true);
}

function leave(event: DragEvent): void {
  if (event.relatedTarget === null) setOver(false); // out of the window
}

function drop(event: DragEvent): void {
  if (!hasFiles(event)) return;
  event.preventDefault(); // or it would be opened in place of the page
  setOver(false);
  void droppedFiles(event.dataTransfer).then(deliver);
}

async function deliver(files: File[]): Promise<void> {
  if (files.length === 0) return;
  const kind = await kindOf(files);
  const taker = takers.findLast((one) => one.kind === kind);
  if (taker !== undefined) {
    taker.take(files);
  } else if (open !== null) {
    waiting = { kind, files };
    open(kind);
  }
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") ?? false;
}
