// SPDX-License-Identifier: MPL-2.0

import { TriangleAlert } from "lucide-react";

import { Anchor } from "@/components/ui/anchor";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { Notice } from "@/components/ui/notice";
import { ApiError, asApiError } from "@/lib/api/errors";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { newUpload } from "@/lib/texts/new-upload";

import { NoAnswerError } from "../sending/send";

const words = newUpload.failed;

// The server's words for the file of a URL, of which nothing can be stored.
const NOT_FETCHED = " cannot be fetched now: ";

interface Properties {
  error: unknown;
  /** Whether the whole archive had gone. */
  wasSent: boolean;
  onBack: () => void;
}

/** Why an upload was not finished, what is kept of it, and what to do next. */
export function Failure({ error, wasSent, onBack }: Properties) {
  const { person } = useAuth();
  const told = explain(error, wasSent, person === null);
  return (
    <Notice role="alert" color="red" icon={<TriangleAlert />} title={told.title} maw="56rem">
      {told.texts.map((text) => (
        <p key={text} style={{ margin: "0 0 0.5rem", overflowWrap: "anywhere" }}>
          {text}
        </p>
      ))}
      <Group mt="sm">
        <Button variant="default" onClick={onBack}>
          {words.back}
        </Button>
        {told.isUnsure && (
          <Anchor to={paths.uploads} underline="always">
            {words.look}
          </Anchor>
        )}
      </Group>
    </Notice>
  );
}

interface Told {
  title: string;
  texts: string[];
  /** Whether there may be an upload in the list. */
  isUnsure: boolean;
}

function explain(error: unknown, wasSent: boolean, isSignedOut: boolean): Told {
  if (error instanceof NoAnswerError) {
    if (error.aborted) return { title: words.title, texts: [words.cancelled], isUnsure: wasSent };
    const text = wasSent ? words.unknown : words.lost;
    return { title: words.title, texts: [text], isUnsure: wasSent };
  }
  const { message, status } = asApiError(error);
  if (isSignedOut && status === 403) {
    return { title: words.title, texts: [words.signedOut], isUnsure: false };
  }
  if (status === 503 && message.includes(NOT_FETCHED)) {
    return { title: words.title, texts: [message, words.notFetched], isUnsure: false };
  }
  const isRefused = error instanceof ApiError && status >= 400 && status < 500;
  if (isRefused) return { title: words.refused, texts: [message], isUnsure: false };
  return { title: words.title, texts: [message, words.again], isUnsure: wasSent };
}
