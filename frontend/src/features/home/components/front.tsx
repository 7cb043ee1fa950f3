// SPDX-License-Identifier: MPL-2.0

import { LogIn } from "lucide-react";
import { useSearchParams } from "react-router";

import { CodeBlock } from "@/components/code-block";
import { PageLookup } from "@/components/lookup/page-lookup";
import { Anchor } from "@/components/ui/anchor";
import { Button } from "@/components/ui/button";
import { Title } from "@/components/ui/layout";
import { Notice } from "@/components/ui/notice";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";
import { shell } from "@/lib/texts/shell";

import { commandsFor } from "../commands";
import classes from "./home.module.css";

/** The front page of who is not signed in: what this is, and what can be done without. */
export function Front() {
  const [parameters] = useSearchParams();
  const { isPrivate, signInUrl } = useAuth();
  return (
    <div className={classes["front"]}>
      {parameters.get("signin") === "failed" && (
        <Notice role="alert" color="red" icon={<LogIn />} title={shell.signInFailed.title} mb="lg">
          {shell.signInFailed.text}
        </Notice>
      )}
      <Title order={1}>{shell.name}</Title>
      <p className={classes["about"]}>{home.about}</p>
      {isPrivate ? <SignInToRead signInUrl={signInUrl} /> : <Open signInUrl={signInUrl} />}
    </div>
  );
}

function SignInToRead({ signInUrl }: { signInUrl: string | null }) {
  return (
    <section>
      <p>
        {shell.signInNeeded.isPrivate}
        {signInUrl === null && ` ${shell.signInNeeded.noProvider}`}
      </p>
      {signInUrl !== null && (
        <Button href={signInUrl} mr="md">
          {shell.signIn}
        </Button>
      )}
      <Anchor to={paths.help}>{home.toHelp}</Anchor>
    </section>
  );
}

function Open({ signInUrl }: { signInUrl: string | null }) {
  return (
    <>
      <div className={classes["find"]}>
        <PageLookup />
      </div>
      <ul className={classes["ways"]}>
        {signInUrl !== null && (
          <li>
            <Button href={signInUrl}>{home.signIn}</Button>
          </li>
        )}
        <li>
          <Button to={paths.symbolication} variant="default">
            {home.symbolicate}
          </Button>
        </li>
        <li>
          <Anchor to={paths.missing}>{home.allMissing}</Anchor>
        </li>
      </ul>
      <section>
        <Title order={2}>{home.terminal}</Title>
        <p>
          {home.terminalText} <Anchor to={paths.help}>{home.toHelp}</Anchor>
        </p>
        {commandsFor(window.location.origin).map(({ label, text }) => (
          <CodeBlock key={label} label={label} text={text} />
        ))}
      </section>
    </>
  );
}
