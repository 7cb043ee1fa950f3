// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { useAuth } from "@/lib/auth/use-auth";
import { usePageTitle } from "@/lib/use-page-title";

import { Front } from "./components/front";
import { Overview } from "./components/overview";

export function Component() {
  usePageTitle("");
  const auth = useAuth();
  if (auth.isLoading) return null;
  return auth.person === null ? <Front /> : <Overview />;
}
