// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";

import { CodeBlock } from "@/components/code-block";
import { PageLookup } from "@/components/lookup/page-lookup";
import { NeedReader } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import { statsQuery } from "@/lib/api/stats-query";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { downloads } from "@/lib/texts/downloads";

import classes from "./components/downloads.module.css";

const words = downloads.downloads;

/** Whether a file is here, how to get it, and what was asked for in vain. */
export function Component() {
  return (
    <NeedReader>
      <Page />
    </NeedReader>
  );
}

function Page() {
  const { origin } = window.location;
  return (
    <>
      <PageHeader title={words.title}>{words.about}</PageHeader>
      <div className={classes["sections"]}>
        <PageLookup />
        <section aria-labelledby="lists">
          <Title order={2} id="lists">
            {words.lists}
          </Title>
          <DownloadFigures />
          <ul className={classes["links"]}>
            {[
              { to: paths.missing, title: downloads.missing.title, about: words.missing },
              { to: paths.microsoft, title: downloads.microsoft.title, about: words.microsoft },
            ].map(({ to, title, about }) => (
              <li key={to}>
                <Anchor to={to}>{title}</Anchor>
                <p>{about}</p>
              </li>
            ))}
          </ul>
        </section>
        <section aria-labelledby="get">
          <Title order={2} id="get">
            {words.get}
          </Title>
          {words.ways(origin).map(({ name, text, command }) => (
            <div key={name}>
              <p>{text}</p>
              <CodeBlock label={name} text={command} />
            </div>
          ))}
        </section>
      </div>
    </>
  );
}

const NOTHING = { found: 0, missing: 0 };

/** How many files were found and missing today, for who is signed in. It has its room before it is known. */
function DownloadFigures() {
  const { person } = useAuth();
  const { data } = useQuery({ ...statsQuery, enabled: person !== null });
  if (person === null) return null;
  if (data === undefined)
    return <p className={classes["figures"]}>{words.figures(NOTHING, NOTHING)}</p>;
  return <p>{words.figures(data.today.downloads, data.yesterday.downloads)}</p>;
}
