// SPDX-License-Identifier: MPL-2.0

import { type Destination, presentOf } from "../packing/compare";
import { keyedFilesOf } from "../packing/keyed-files";
import { zipOf } from "../packing/job";
import type { LooseMember } from "../packing/lay-out";
import type { Judgement } from "../zip/judgement";
import { leaveOut } from "../zip/leave-out";
import type { Progress } from "./progress";
import { run } from "./run";
import { NoAnswerError } from "./send";

/** What becomes one upload: a zip, or files that are put into one. */
export type Parcel =
  | { kind: "zip"; file: File; judgement: Judgement }
  | { kind: "loose"; name: string; members: readonly LooseMember[] };

/** What became of a parcel. */
export type Outcome = { name: string } & (
  | { kind: "stored"; id: number; warnings: string[]; present: number }
  | { kind: "present"; present: number }
  | { kind: "failed"; error: unknown }
  | { kind: "unsent" }
);

/** What there is to tell while parcels go: which of them, and how far that is. */
export interface ParcelProgress {
  name: string;
  number: number;
  of: number;
  progress: Progress | null;
}

export interface Order extends Destination {
  parcels: readonly Parcel[];
  email: string;
}

interface Signals {
  /** Ends all of it. */
  cancel: AbortSignal;
  /** Ends looking for what the server has already: the rest is sent as it is. */
  skip: AbortSignal;
}

function nameOf(parcel: Parcel): string {
  return parcel.kind === "zip" ? parcel.file.name : parcel.name;
}

/** Send parcels one after the other, each without what the server has already; each is an upload of its own. */
export async function sendParcels(
  { parcels, email, ...to }: Order,
  onProgress: (progress: ParcelProgress) => void,
  signals: Signals,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [at, parcel] of parcels.entries()) {
    const name = nameOf(parcel);
    const tell = (progress: Progress | null) =>
      onProgress({ name, number: at + 1, of: parcels.length, progress });
    tell(null);
    try {
      outcomes.push(await sendOne(parcel, to, email, tell, signals));
    } catch (error) {
      outcomes.push({ kind: "failed", name, error: asNoAnswer(error, signals.cancel) });
      if (signals.cancel.aborted || error instanceof NoAnswerError) {
        const rest = parcels.slice(at + 1);
        outcomes.push(...rest.map((one): Outcome => ({ kind: "unsent", name: nameOf(one) })));
        break;
      }
    }
  }
  return outcomes;
}

/** Whatever ended because somebody gave up is told as that. */
function asNoAnswer(error: unknown, cancel: AbortSignal): unknown {
  return cancel.aborted ? new NoAnswerError(true) : error;
}

async function sendOne(
  parcel: Parcel,
  to: Destination,
  email: string,
  tell: (progress: Progress) => void,
  { cancel, skip }: Signals,
): Promise<Outcome> {
  const name = nameOf(parcel);
  const { archive, files, present } = await prepare(parcel, to, tell, { cancel, skip });
  if (archive === null) return { kind: "present", name, present };
  const order = { file: archive, url: "", ...to, files };
  const { id, warnings } = await run(order, email, tell, cancel);
  return { kind: "stored", name, id, warnings, present };
}

/** What is left to send of a parcel: null where the server has all of it. */
interface Prepared {
  archive: File | null;
  /** How many files are to be stored. */
  files: number;
  present: number;
}

function prepare(
  parcel: Parcel,
  to: Destination,
  tell: (progress: Progress) => void,
  signals: Signals,
): Promise<Prepared> {
  return parcel.kind === "zip"
    ? prepareZip(parcel.file, parcel.judgement, to, tell, signals)
    : prepareLoose(parcel.name, parcel.members, to, tell, signals);
}

async function prepareZip(
  file: File,
  judgement: Judgement,
  to: Destination,
  tell: (progress: Progress) => void,
  { cancel, skip }: Signals,
): Promise<Prepared> {
  const keyed = await keyedFilesOf(file, judgement);
  const present = await presentOf(keyed, to, comparing(keyed, tell), cancel, skip);
  const files = judgement.stored - present.size;
  if (files === 0) return { archive: null, files, present: present.size };
  const numbers = new Set([...present].map(({ number }) => number));
  const archive = numbers.size === 0 ? file : await leaveOut(file, (at) => numbers.has(at));
  return { archive, files, present: present.size };
}

async function prepareLoose(
  name: string,
  members: readonly LooseMember[],
  to: Destination,
  tell: (progress: Progress) => void,
  { cancel, skip }: Signals,
): Promise<Prepared> {
  const keyed = members.flatMap((member) =>
    member.key === null ? [] : [{ ...member, key: member.key }],
  );
  const present = await presentOf(keyed, to, comparing(keyed, tell), cancel, skip);
  const names = new Set([...present].map((member) => member.name));
  const missing = members.filter((member) => !names.has(member.name));
  if (missing.length === 0) return { archive: null, files: 0, present: present.size };
  const total = bytesOf(missing);
  tell({ phase: "packing", done: 0, total });
  const zip = await zipOf(missing, (done) => tell({ phase: "packing", done, total }), cancel);
  const archive = new File([zip], name, { type: "application/zip" });
  return { archive, files: missing.length, present: present.size };
}

function comparing(
  files: readonly { source: { bytes: Blob } }[],
  tell: (progress: Progress) => void,
): (done: number) => void {
  const total = bytesOf(files);
  const note = (done: number) => tell({ phase: "comparing", done, total });
  if (total > 0) note(0);
  return note;
}

function bytesOf(files: readonly { source: { bytes: Blob } }[]): number {
  return files.reduce((total, { source }) => total + source.bytes.size, 0);
}
