// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { Navigate, useSearchParams } from "react-router";

import { lookupQuery } from "@/lib/api/lookup-query";

import { Lookup } from "./lookup";
import { optionsOf } from "./options";

/** The lookup box in a page. An old link, `?find=<key>`, fills it in and leads on at once, as Enter would. */
export function PageLookup() {
  const asked = (useSearchParams()[0].get("find") ?? "").trim();
  const { data } = useQuery({ ...lookupQuery(asked), enabled: asked !== "" });
  const first = data === undefined ? undefined : optionsOf(data)[0];
  if (first !== undefined) return <Navigate replace to={first.path} />;
  return <Lookup key={asked} size="large" initial={asked} />;
}
