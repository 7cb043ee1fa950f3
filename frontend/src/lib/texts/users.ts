// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

/** The words of the pages of the feature `users`. */
export const users = {
  users: { title: "Users" },
  user: { title: "User" },
  audit: { title: "Audit trail" },
} as const;
