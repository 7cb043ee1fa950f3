// SPDX-License-Identifier: MPL-2.0

import { Unknown } from "@/components/need";
import { useAuth } from "@/lib/auth/use-auth";
import { usePageTitle } from "@/lib/use-page-title";

import { Front } from "./components/front";
import { Overview } from "./components/overview";

export function Component() {
  usePageTitle("");
  const auth = useAuth();
  if (auth.isLoading) return auth.error === null ? null : <Unknown error={auth.error} />;
  return auth.person === null ? <Front /> : <Overview />;
}
