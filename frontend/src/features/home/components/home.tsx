// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { CodeBlock } from "@/components/code-block";

import { commandsFor, type Example } from "../commands";

/** What this server is, and the commands that use it. */
export function Home({ serverUrl }: { serverUrl: string }) {
  const commands = commandsFor(serverUrl);
  return (
    <>
      <h1>Tecken</h1>
      <p>
        This is a symbol server. Builds upload their debug symbols here, debuggers download them,
        and the raw addresses of crashes and profiles become functions, files and lines.
      </p>
      <Task
        title="Upload"
        note="A zip of symbol files, and an API token in TECKEN_TOKEN that may upload."
        examples={commands.upload}
      />
      <Task
        title="Download"
        note="By debug file, debug id and symbol file. No token is needed."
        examples={commands.download}
      />
      <Task
        title="Symbolicate"
        note="Modules, and stacks of module index and offset. No token is needed."
        examples={commands.symbolicate}
      />
    </>
  );
}

function Task({ title, note, examples }: { title: string; note: string; examples: Example[] }) {
  return (
    <section>
      <h2>{title}</h2>
      <p>{note}</p>
      {examples.map((example) => (
        <CodeBlock key={example.label} {...example} />
      ))}
    </section>
  );
}
