// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Alert, Skeleton, Title } from "@mantine/core";
import { CircleX } from "lucide-react";

import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { humanSize } from "@/lib/format/size";
import { newUpload } from "@/lib/texts/new-upload";

import type { JudgedMember, Judgement } from "../zip/judge";
import classes from "./upload-form.module.css";

const MAX_ROWS = 500;
const MAX_REFUSALS = 3;
const words = newUpload.contents;

interface Properties {
  judgement: Judgement | undefined;
  isReading: boolean;
}

/** What is in an archive, and what the server will refuse of it: that first. */
export function ArchiveContents({ judgement, isReading }: Properties) {
  return (
    <section className={classes["contents"]} aria-busy={isReading}>
      <Title order={2} size="h4">
        {words.title}
      </Title>
      {judgement === undefined ? (
        <Skeleton height={16} my={8} width="60%" />
      ) : (
        <Told judgement={judgement} />
      )}
    </section>
  );
}

function Told({ judgement }: { judgement: Judgement }) {
  const { members, stored, ignored, totalBytes, refusals } = judgement;
  const refused = members.length - stored - ignored;
  return (
    <>
      {members.length > 0 && (
        <p role="status">{words.summary({ stored, ignored, refused }, humanSize(totalBytes))}</p>
      )}
      {refusals.length > 0 && <Refusals refusals={refusals} />}
      {members.length > 0 && <Members members={members} />}
    </>
  );
}

function Refusals({ refusals }: { refusals: string[] }) {
  const more = refusals.length - MAX_REFUSALS;
  return (
    <Alert role="alert" color="red" icon={<CircleX />} title={words.refused} my="sm">
      <ul style={{ margin: 0, paddingLeft: "1.2rem", overflowWrap: "anywhere" }}>
        {refusals.slice(0, MAX_REFUSALS).map((refusal) => (
          <li key={refusal}>{refusal}</li>
        ))}
      </ul>
      {more > 0 && <p>{words.moreRefusals(more)}</p>}
      <p>{words.refusedNote}</p>
    </Alert>
  );
}

function Members({ members }: { members: JudgedMember[] }) {
  const isRefused = ({ verdict }: JudgedMember) => verdict.kind === "refused";
  const ordered = [...members.filter(isRefused), ...members.filter((one) => !isRefused(one))];
  const more = members.length - MAX_ROWS;
  return (
    // A list that is longer than its box must be reachable for who has a keyboard only.
    <div className={classes["scroll"]} tabIndex={0} role="region" aria-label={words.title}>
      <ul className={classes["members"]}>
        {ordered.slice(0, MAX_ROWS).map((member, index) => (
          <li key={`${String(index)} ${member.name}`}>
            <code>{member.name}</code>
            <span>
              <Verdict member={member} />
            </span>
            <Size bytes={member.size} />
          </li>
        ))}
      </ul>
      {more > 0 && <p>{words.more(more)}</p>}
    </div>
  );
}

function Verdict({ member: { verdict } }: { member: JudgedMember }) {
  if (verdict.kind === "stored") return <Status name="stored" text={words.stored} />;
  if (verdict.kind === "ignored") return <Status name="ignored" text={words.ignored} />;
  return (
    <>
      <Status name="missing" text={words.refusedFile} />
      <span className={classes["reason"]}>{verdict.reason}</span>
    </>
  );
}
