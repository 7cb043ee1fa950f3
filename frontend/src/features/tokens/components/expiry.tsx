// SPDX-License-Identifier: MPL-2.0

import { Status, type StatusName } from "@/components/status";
import { Time } from "@/components/time";
import type { TokenShape } from "@/lib/api/schema";
import { useNow } from "@/lib/use-now";

const SOON_MILLISECONDS = 14 * 24 * 3600 * 1000;

/** When a token ends, and whether it has, or soon will. */
export function Expiry({ token }: { token: TokenShape }) {
  const now = useNow();
  const left = new Date(token.expires_at).getTime() - now.getTime();
  const state: StatusName = left <= 0 ? "expired" : left < SOON_MILLISECONDS ? "soon" : "active";
  return (
    <>
      <Time value={token.expires_at} />
      <br />
      <Status name={state} />
    </>
  );
}
