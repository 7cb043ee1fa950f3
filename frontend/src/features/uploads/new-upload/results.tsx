// SPDX-License-Identifier: MPL-2.0

import { Status } from "@/components/status";
import { Anchor } from "@/components/ui/anchor";
import { Button } from "@/components/ui/button";
import { Title } from "@/components/ui/layout";
import { asApiError } from "@/lib/api/errors";
import { paths } from "@/lib/paths";
import { newUpload } from "@/lib/texts/new-upload";
import { uploads } from "@/lib/texts/uploads";

import { NoAnswerError } from "../sending/send";
import type { Outcome } from "../sending/send-parcels";
import classes from "./upload-form.module.css";

const words = newUpload.results;

interface Properties {
  outcomes: readonly Outcome[];
  onMore: () => void;
}

/** What became of several uploads, or of one of which the server had all. */
export function Results({ outcomes, onMore }: Properties) {
  return (
    <section aria-live="polite" className={classes["results"]}>
      <Title order={2}>{words.title}</Title>
      <ul>
        {outcomes.map((outcome) => (
          <li key={outcome.name}>
            <strong className={classes["name"]}>{outcome.name}</strong>
            <One outcome={outcome} />
          </li>
        ))}
      </ul>
      <Button variant="default" onClick={onMore}>
        {words.more}
      </Button>
    </section>
  );
}

function One({ outcome }: { outcome: Outcome }) {
  if (outcome.kind === "stored") {
    const { id, warnings, present } = outcome;
    return (
      <>
        <Status name="stored" />
        <Anchor to={paths.upload(id)}>{uploads.upload.title(String(id))}</Anchor>
        {present > 0 && <span>{words.present(present)}</span>}
        {warnings.map((warning) => (
          <p key={warning}>{warning}</p>
        ))}
      </>
    );
  }
  if (outcome.kind === "present") {
    return (
      <>
        <Status name="skipped" text={words.nothingNew} />
        <span>{words.allPresent(outcome.present)}</span>
      </>
    );
  }
  if (outcome.kind === "unsent") return <Status name="ignored" text={words.unsent} />;
  return (
    <>
      <Status name="failed" />
      <span>{reasonOf(outcome.error)}</span>
    </>
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof NoAnswerError) {
    return error.aborted ? newUpload.failed.cancelled : newUpload.failed.unknown;
  }
  return asApiError(error).message;
}
