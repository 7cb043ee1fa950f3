// SPDX-License-Identifier: MPL-2.0

import type { ReactNode } from "react";

import { CodeBlock } from "@/components/code-block";
import { PageHeader } from "@/components/page-header";
import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import { useAppSettings } from "@/lib/app-settings";
import { paths } from "@/lib/paths";
import { help } from "@/lib/texts/help";

import { commandsFor, type Example } from "./commands";
import { Debuggers } from "./components/debuggers";
import { GettingPermission } from "./components/getting-permission";
import classes from "./components/help.module.css";
import { Permissions } from "./components/permissions";

const words = help.help;

/** How to get a permission, and how to do from a terminal what this server is for. */
export function Component() {
  const settings = useAppSettings();
  const commands = commandsFor(window.location.origin);
  return (
    <>
      <PageHeader title={words.title}>{words.about}</PageHeader>
      <div className={classes["sections"]}>
        <Section id="permission" title={words.permission.title}>
          <GettingPermission />
          <Permissions />
        </Section>
        <Section id="upload" title={words.upload.title}>
          <p>
            {words.upload.text}{" "}
            <Anchor underline="always" to={paths.tokens}>
              {words.upload.token}
            </Anchor>
          </p>
          <Examples of={commands.upload} />
          <p>{words.upload.after}</p>
        </Section>
        <Section id="download" title={words.download.title}>
          <p>
            {words.download.text}{" "}
            <Anchor underline="always" to={paths.downloads}>
              {words.download.more}
            </Anchor>
          </p>
          <Examples of={commands.download} />
        </Section>
        <Section id="symbolicate" title={words.symbolicate.title}>
          <p>
            {words.symbolicate.text}{" "}
            <Anchor underline="always" to={paths.symbolication}>
              {words.symbolicate.page}
            </Anchor>
          </p>
          <Examples of={commands.symbolicate} />
        </Section>
        <Section id="debuggers" title={words.debuggers.title}>
          <p>{words.debuggers.text}</p>
          <Debuggers />
        </Section>
        <Section id="more" title={words.more.title}>
          <ul>
            <li>
              <Anchor href="/api/schema.json" underline="always">
                {words.more.schema}
              </Anchor>
            </li>
            <li>{words.more.commands}</li>
            <li>{words.more.keys}</li>
            {settings?.source_url != null && (
              <li>
                <Anchor
                  href={settings.source_url}
                  target="_blank"
                  rel="noreferrer"
                  underline="always"
                >
                  {words.more.source(settings.version)}
                </Anchor>
              </li>
            )}
          </ul>
        </Section>
      </div>
    </>
  );
}

function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section aria-labelledby={id}>
      <Title order={2} id={id}>
        {title}
      </Title>
      {children}
    </section>
  );
}

function Examples({ of }: { of: readonly Example[] }) {
  return of.map(({ label, about, text }) => (
    <div key={label}>
      <p>{about}</p>
      <CodeBlock label={label} text={text} />
    </div>
  ));
}
