// SPDX-License-Identifier: MPL-2.0

import { CircleX, FileArchive } from "lucide-react";

import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Button } from "@/components/ui/button";
import { Title } from "@/components/ui/layout";
import { Notice } from "@/components/ui/notice";
import { grouped, humanSize } from "@/lib/format/size";
import { newUpload } from "@/lib/texts/new-upload";

import type { JudgedMember, Judgement } from "../zip/judgement";
import { refusedFiles } from "../zip/leave-out";
import type { Given } from "./form-state";
import classes from "./upload-form.module.css";
import type { Judged } from "./use-judgements";

const MAX_ROWS = 500;
const MAX_REFUSALS = 3;
const MAX_LINE = 200;
const words = newUpload.contents;

interface Properties {
  given: Given;
  judged: Judged;
  onLeaveOut: (judgement: Judgement) => void;
  onRemove: () => void;
}

/** What is in an archive, or in files that become one, and what the server will refuse of it: that first. */
export function ArchiveContents({ given, judged, onLeaveOut, onRemove }: Properties) {
  const leftOut = given.kind === "zip" ? given.leftOut : 0;
  return (
    <section className={classes["contents"]} aria-busy={judged.isReading} aria-label={given.name}>
      <div className={classes["head"]}>
        <FileArchive size={18} aria-hidden />
        <Title order={2} size="h3" className={classes["name"] ?? ""}>
          {given.name}
        </Title>
        <span>{given.kind === "zip" ? <Size bytes={given.file.size} /> : words.madeHere}</span>
        <Button
          variant="subtle"
          size="compact-sm"
          aria-label={words.removeOne(given.name)}
          onClick={onRemove}
        >
          {words.remove}
        </Button>
      </div>
      {leftOut > 0 && <p role="status">{words.leftOut(leftOut)}</p>}
      {judged.isReading ? (
        <Reading done={judged.done} total={judged.total} />
      ) : (
        <Told
          name={given.name}
          judgement={judged.judgement}
          onLeaveOut={() => onLeaveOut(judged.judgement)}
        />
      )}
    </section>
  );
}

/** How far it was looked into; that takes a while for what is large. */
function Reading({ done, total }: { done: number; total: number }) {
  return (
    <p className={classes["reading"]}>
      <span>{total > 0 ? words.readingOf(grouped(done), grouped(total)) : words.reading}</span>
      <progress aria-label={words.reading} max={Math.max(1, total)} value={done} />
    </p>
  );
}

interface ToldProperties {
  name: string;
  judgement: Judgement;
  onLeaveOut: () => void;
}

function Told({ name, judgement, onLeaveOut }: ToldProperties) {
  const { members, stored, ignored, totalBytes, refusals } = judgement;
  const refused = members.length - stored - ignored;
  return (
    <>
      {members.length > 0 && (
        <p role="status">{words.summary({ stored, ignored, refused }, humanSize(totalBytes))}</p>
      )}
      {refusals.length > 0 && <Refusals {...{ judgement, onLeaveOut }} />}
      {members.length > 0 && <Members name={name} members={members} />}
    </>
  );
}

function Refusals({ judgement, onLeaveOut }: Omit<ToldProperties, "name">) {
  const { refusals } = judgement;
  const toLeaveOut = refusedFiles(judgement);
  const more = refusals.length - MAX_REFUSALS;
  return (
    <Notice role="alert" color="red" icon={<CircleX />} title={words.refused} my="sm">
      <ul style={{ margin: 0, paddingLeft: "1.2rem", overflowWrap: "anywhere" }}>
        {refusals.slice(0, MAX_REFUSALS).map((refusal) => (
          <li key={refusal}>{refusal}</li>
        ))}
      </ul>
      {more > 0 && <p>{words.moreRefusals(more)}</p>}
      <p>{words.refusedNote}</p>
      {toLeaveOut > 0 && (
        <Button size="compact-md" variant="default" onClick={onLeaveOut}>
          {words.leaveOut(toLeaveOut)}
        </Button>
      )}
    </Notice>
  );
}

function Members({ name, members }: { name: string; members: JudgedMember[] }) {
  const ordered = [...members].sort((one, other) => rankOf(one) - rankOf(other));
  const more = members.length - MAX_ROWS;
  return (
    // A list that is longer than its box must be reachable for who has a keyboard only.
    <div className={classes["scroll"]} tabIndex={0} role="region" aria-label={words.title(name)}>
      <ul className={classes["members"]}>
        {ordered.slice(0, MAX_ROWS).map((member, index) => (
          <li key={`${String(index)} ${member.name}`}>
            <code>{member.name}</code>
            <Verdict verdict={member.verdict} />
            <Size bytes={member.size} />
            <Reason member={member} />
          </li>
        ))}
      </ul>
      {more > 0 && <p>{words.more(more)}</p>}
    </div>
  );
}

/** What is refused comes first, and then what is odd. */
function rankOf({ verdict, note }: JudgedMember): number {
  if (verdict.kind === "refused") return 0;
  return note === undefined ? 2 : 1;
}

function Verdict({ verdict }: { verdict: JudgedMember["verdict"] }) {
  if (verdict.kind === "stored") return <Status name="stored" text={words.stored} />;
  if (verdict.kind === "ignored") return <Status name="ignored" text={words.ignored} />;
  return <Status name="missing" text={words.refusedFile} />;
}

function Reason({ member: { verdict, note, line } }: { member: JudgedMember }) {
  const reason = verdict.kind === "refused" ? verdict.reason : note;
  if (reason === undefined) return null;
  return (
    <p className={classes["reason"]}>
      {reason}
      {line !== undefined && (
        <>
          <br />
          {words.firstLine} <code>{line === "" ? words.emptyLine : shortened(line)}</code>
        </>
      )}
    </p>
  );
}

function shortened(line: string): string {
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
}
