// SPDX-License-Identifier: MPL-2.0

import { useSearchParams } from "react-router";

import { PageLookup } from "@/components/lookup/page-lookup";
import { Title } from "@/components/ui/layout";
import { useAuth } from "@/lib/auth/use-auth";
import { home } from "@/lib/texts/home";

import { Figures } from "./figures";
import { HealthLine } from "./health-line";
import classes from "./home.module.css";
import { LatestUploads } from "./latest-uploads";
import { Permissions } from "./permissions";
import { Server } from "./server";

/** The front page of who is signed in. */
export function Overview() {
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
