// SPDX-License-Identifier: MPL-2.0

import type { paths } from "./schema";

/** What the list at an address of the API can be asked: `QueryOf<"/api/uploads/">`. */
export type QueryOf<Path extends keyof paths> = paths[Path] extends {
  get: { parameters: { query?: infer Query } };
}
  ? NonNullable<Query>
  : never;
