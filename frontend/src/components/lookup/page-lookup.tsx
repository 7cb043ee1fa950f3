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
  return (
    <>
      {first !== undefined && <Navigate replace to={first.path} />}
      {/* It stays until the other page is there, or else all below would jump. */}
      <Lookup key={asked} size="large" initial={asked} />
    </>
  );
}
