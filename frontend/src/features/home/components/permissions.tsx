// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { Status } from "@/components/status";
import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import { useAppSettings } from "@/lib/app-settings";
import { type Permission, useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";
import { permissions } from "@/lib/texts/permissions";

import { statsQuery } from "../api/stats";
import classes from "./home.module.css";

const words = home.may;
const NAMES = Object.keys(permissions) as Permission[];

/** What the person may do and may not, and how to get more. */
export function Permissions() {
  const { may, mayMakeTokens } = useAuth();
  return (
    <section>
      <div className={classes["headLine"]}>
        <Title order={2}>{words.title}</Title>
      </div>
      <ul className={classes["permissions"]}>
        {NAMES.map((name) => (
          <li key={name}>
            <Status
              name={may(name) ? "permitted" : "forbidden"}
              text={may(name) ? words.yes : words.no}
            />
            <span>
              <strong>{permissions[name].name}</strong>
              <br />
              {permissions[name].allows}
            </span>
          </li>
        ))}
      </ul>
      {!NAMES.every((name) => may(name)) && <HowToGetMore />}
      {mayMakeTokens && <Tokens />}
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
      <Anchor component={Link} to={paths.help}>
        {words.help}
      </Anchor>
    </p>
  );
}

function Tokens() {
  const tokens = useQuery(statsQuery).data?.tokens;
  return (
    <p>
      <Anchor component={Link} to={paths.tokens}>
        {words.toTokens}
      </Anchor>
      {tokens !== undefined && `: ${words.tokens(tokens.active, tokens.expired)}.`}
    </p>
  );
}
