// SPDX-License-Identifier: MPL-2.0

import { LeaveGuard as Guard } from "@/components/leave-guard";
import { newUpload } from "@/lib/texts/new-upload";

/** Asks before an upload that is under way is ended by leaving the page. */
export function LeaveGuard({ isActive }: { isActive: boolean }) {
  return <Guard isActive={isActive} {...newUpload.leave} />;
}
