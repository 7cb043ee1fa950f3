// SPDX-License-Identifier: MPL-2.0

import { useEffect, useRef } from "react";

import { CodeBlock } from "@/components/code-block";
import { LeaveGuard } from "@/components/leave-guard";
import { Button } from "@/components/ui/button";
import { Title } from "@/components/ui/layout";
import { curlCommand } from "@/domain/commands";
import type { NewTokenShape } from "@/lib/api/schema";
import { tokens } from "@/lib/texts/tokens";

import classes from "./tokens.module.css";

const words = tokens.key;

interface Properties {
  token: NewTokenShape;
  onStored: () => void;
}

/** The key of a token that was just made. It stays until somebody says that it is stored. */
export function NewKey({ token, onStored }: Properties) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
    box.current?.focus({ preventScroll: true });
  }, []);
  return (
    <section ref={box} tabIndex={-1} className={classes["newKey"]} aria-labelledby="new-key">
      <LeaveGuard
        title={words.leaveTitle}
        text={words.leaveText}
        stay={words.stay}
        leave={words.leave}
      />
      <Title order={2} id="new-key">
        {words.title}
      </Title>
      <p>{words.text}</p>
      <CodeBlock label={words.key} text={token.key} />
      <p>{words.use}</p>
      <CodeBlock label={words.command} text={commandOf(token)} />
      <Button onClick={onStored}>{words.stored}</Button>
    </section>
  );
}

/** Return a command that does what the token may do. */
function commandOf(token: NewTokenShape): string {
  const origin = window.location.origin;
  const mayUpload = token.permissions.some(({ codename }) => codename.startsWith("upload.upload_"));
  return mayUpload
    ? curlCommand(origin, undefined, token.key)
    : `curl -H "Auth-Token: ${token.key}" ${origin}/api/uploads/`;
}
