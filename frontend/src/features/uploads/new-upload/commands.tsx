// SPDX-License-Identifier: MPL-2.0

import { CodeBlock } from "@/components/code-block";
import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import { type Asked, curlCommand, pythonScript, uploadCommand } from "@/domain/commands";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { newUpload } from "@/lib/texts/new-upload";

import type { FormState } from "./form-state";

const words = newUpload.commands;

/** How to do the same from a terminal, with what the form has and this server's address. */
export function Commands({ form }: { form: FormState }) {
  const { may } = useAuth();
  const server = window.location.origin;
  const asked = askedBy(form);
  return (
    <section style={{ marginTop: "2.5rem", maxWidth: "56rem" }}>
      <Title order={2}>{words.title}</Title>
      <p>
        {words.note}{" "}
        {may("tokens.manage_tokens") && (
          <Anchor to={paths.tokens} underline="always">
            {words.token}
          </Anchor>
        )}
      </p>
      {asked.bucket === null ? (
        <CodeBlock label={words.tecken} text={uploadCommand(server, asked)} />
      ) : (
        <p>{words.noBucket}</p>
      )}
      <CodeBlock label={words.curl} text={curlCommand(server, asked)} />
      <CodeBlock label={words.python} text={pythonScript(server, asked)} />
    </section>
  );
}

function askedBy(form: FormState): Asked {
  const url = form.url.trim();
  return {
    name: form.given.find(({ kind }) => kind === "zip")?.name ?? "symbols.zip",
    url: form.way === "url" && url !== "" ? url : null,
    isTry: form.isTry,
    bucket: form.bucket,
  };
}
