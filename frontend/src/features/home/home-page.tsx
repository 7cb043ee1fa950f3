// SPDX-License-Identifier: MPL-2.0

import { useSearchParams } from "react-router";

import { PageLookup } from "@/components/lookup/page-lookup";
import { Unknown } from "@/components/need";
import { Title } from "@/components/ui/layout";
import { useAuth } from "@/lib/auth/use-auth";
import { home } from "@/lib/texts/home";
import { usePageTitle } from "@/lib/use-page-title";

import { Figures } from "./components/figures";
import { Front } from "./components/front";
import { HealthLine } from "./components/health-line";
import classes from "./components/home.module.css";
import { LatestUploads } from "./components/latest-uploads";
import { Permissions } from "./components/permissions";
import { Server } from "./components/server";

export function Component() {
  usePageTitle("");
  const auth = useAuth();
  if (auth.isLoading) return auth.error === null ? null : <Unknown error={auth.error} />;
  return auth.person === null ? <Front /> : <Overview />;
}

/** The front page of who is signed in. */
function Overview() {
  const { isSuperuser } = useAuth();
  const [parameters] = useSearchParams();
  return (
    <>
      <Title order={1}>{home.title}</Title>
      <HealthLine />
      {parameters.has("find") && (
        <div className={classes["find"]}>
          <PageLookup />
        </div>
      )}
      <Figures />
      <div className={classes["columns"]}>
        <LatestUploads />
        <Permissions />
      </div>
      {isSuperuser && <Server />}
    </>
  );
}
