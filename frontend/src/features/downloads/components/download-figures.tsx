// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";
import { useAuth } from "@/lib/auth/use-auth";
import { downloads } from "@/lib/texts/downloads";

/** How many files were found and missing today, for who is signed in. */
export function DownloadFigures() {
  const { person } = useAuth();
  const { data } = useQuery({
    queryKey: ["stats"],
    queryFn: ({ signal }) => orThrow(api.GET("/api/stats/", { signal })),
    enabled: person !== null,
  });
  if (data === undefined) return null;
  return <p>{downloads.downloads.figures(data.today.downloads, data.yesterday.downloads)}</p>;
}
