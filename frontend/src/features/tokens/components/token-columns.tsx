// SPDX-License-Identifier: MPL-2.0

import type { Column, ListFilter } from "@/components/data-list/types";
import { Mono } from "@/components/mono";
import { Shortened } from "@/components/shortened";
import { Status, type StatusName } from "@/components/status";
import { Time } from "@/components/time";
import type { TokenShape } from "@/lib/api/schema";
import { lists, statuses } from "@/lib/texts/lists";
import { tokens } from "@/lib/texts/tokens";
import { useNow } from "@/lib/use-now";

import { permissionWords } from "../token-name";
import classes from "./tokens.module.css";

const words = tokens.tokens;

/** What lists of tokens can be filtered by. */
export const filters: ListFilter[] = [
  {
    name: "state",
    label: words.state,
    choices: [
      { value: "active", label: statuses.active },
      { value: "expired", label: statuses.expired },
    ],
  },
];

/** What lists say of a token. */
export const columns: Column<TokenShape>[] = [
  {
    key: "label",
    title: words.label,
    sort: "created_at",
    render: (token) =>
      token.notes === "" ? (
        <span className={classes["quiet"]}>{words.noLabel}</span>
      ) : (
        <Shortened text={token.notes} />
      ),
  },
  {
    key: "prefix",
    title: words.prefix,
    second: true,
    render: (token) => <Mono text={`${token.key_prefix}…`} label={words.prefix} copy={false} />,
  },
  {
    key: "permissions",
    title: words.permissions,
    second: true,
    room: 14,
    render: (token) => token.permissions.map((one) => permissionWords(one).name).join(", "),
  },
  {
    key: "used",
    title: words.used,
    sort: "last_used_at",
    second: true,
    render: ({ last_used_at: used }) => (used === null ? lists.never : <Time value={used} />),
  },
  {
    key: "expires",
    title: words.expires,
    sort: "expires_at",
    render: (token) => <Expiry token={token} />,
  },
];

const SOON_MILLISECONDS = 14 * 24 * 3600 * 1000;

/** When a token ends, and whether it has, or soon will. */
function Expiry({ token }: { token: TokenShape }) {
  const now = useNow();
  const left = new Date(token.expires_at).getTime() - now.getTime();
  const state: StatusName = left <= 0 ? "expired" : left < SOON_MILLISECONDS ? "soon" : "active";
  return (
    <>
      <Time value={token.expires_at} />
      <br />
      <Status name={state} />
    </>
  );
}
