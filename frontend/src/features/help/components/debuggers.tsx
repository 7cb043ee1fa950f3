// SPDX-License-Identifier: MPL-2.0

import { CodeBlock } from "@/components/code-block";
import { Title } from "@/components/ui/layout";
import { help } from "@/lib/texts/help";

import debuggers from "../debuggers.json";

const words = help.help.debuggers;

/** What to paste so that each debugger asks this server: the same as `tecken debugger-setup` prints. */
export function Debuggers() {
  const server = window.location.origin;
  return Object.entries(debuggers).map(([name, steps]) => (
    <div key={name}>
      <Title order={3} id={name}>
        {nameOf(name)}
      </Title>
      {steps.map(({ about, text }) => (
        <div key={about}>
          <p>{about}</p>
          <CodeBlock label={`${nameOf(name)}: ${about}`} text={filledIn(text, server)} />
        </div>
      ))}
    </div>
  ));
}

function nameOf(debuggerName: string): string {
  return words.names[debuggerName as keyof typeof words.names];
}

function filledIn(text: string, server: string): string {
  return text.replaceAll("{server}", server).replaceAll("{quoted}", encodeURIComponent(server));
}
