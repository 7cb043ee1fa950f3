// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";

import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import { statsQuery } from "@/lib/api/stats-query";
import { useAppSettings } from "@/lib/app-settings";
import { type Permission, useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";
import { permissions } from "@/lib/texts/permissions";

import classes from "./home.module.css";

const words = home.may;
const NAMES = Object.keys(permissions) as Permission[];

/** What the person may do, in a line; what is lacking, and how to get it. */
export function Permissions() {
  const { may, mayMakeTokens } = useAuth();
  const granted = NAMES.filter((name) => may(name));
  const lacking = NAMES.filter((name) => !may(name));
  const names = granted.map((name) => withinSentence(permissions[name].name)).join(", ");
  return (
    <section>
      <div className={classes["headLine"]}>
        <Title order={2}>{words.title}</Title>
        {mayMakeTokens && <Tokens />}
      </div>
      <p>
        {lacking.length === 0
          ? words.all(names)
          : granted.length === 0
            ? words.none
            : words.some(names)}
      </p>
      {lacking.length > 0 && (
        <>
          <p>{words.lacking}</p>
          <ul className={classes["lacking"]}>
            {lacking.map((name) => (
              <li key={name}>
                <strong>{permissions[name].name}</strong>: {permissions[name].allows}
              </li>
            ))}
          </ul>
          <HowToGetMore />
        </>
      )}
    </section>
  );
}

function HowToGetMore() {
  const contactUrl = useAppSettings()?.contact_url ?? null;
  return (
    <p>
      {words.missing}{" "}
      {contactUrl !== null && (
        <>
          <Anchor href={contactUrl}>{words.contact}</Anchor> ·{" "}
        </>
      )}
      <Anchor to={paths.help}>{words.help}</Anchor>
    </p>
  );
}

function Tokens() {
  const tokens = useQuery(statsQuery).data?.tokens;
  return (
    <Anchor to={paths.tokens}>
      {words.toTokens}
      {tokens !== undefined && `: ${words.tokens(tokens.active, tokens.expired)}`}
    </Anchor>
  );
}

/** `Manage API tokens` as it stands within a sentence. */
function withinSentence(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
