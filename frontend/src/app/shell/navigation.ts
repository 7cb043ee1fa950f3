// SPDX-License-Identifier: MPL-2.0

import type { Auth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { shell } from "@/lib/texts/shell";

export interface Destination {
  title: string;
  path: string;
  /** The key after `g` that leads there. */
  key: string;
}

const { nav } = shell;

/** Return the pages that a person may use, in the order of the navigation. */
export function destinations(auth: Auth): Destination[] {
  const found: (Destination | false)[] = [
    { title: nav.downloads, path: paths.downloads, key: "d" },
    auth.person !== null && { title: nav.uploads, path: paths.uploads, key: "u" },
    auth.mayMakeTokens && { title: nav.tokens, path: paths.tokens, key: "t" },
    auth.isSuperuser && { title: nav.users, path: paths.users, key: "m" },
    { title: nav.symbolication, path: paths.symbolication, key: "s" },
    { title: nav.help, path: paths.help, key: "h" },
  ];
  return found.filter((destination) => destination !== false);
}
