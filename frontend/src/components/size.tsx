// SPDX-License-Identifier: MPL-2.0

import { exactSize, humanSize } from "@/lib/format/size";

/** A number of bytes as people say it, exact in its title. */
export function Size({ bytes }: { bytes: number }) {
  return (
    <span title={exactSize(bytes)} style={{ whiteSpace: "nowrap" }}>
      {humanSize(bytes)}
    </span>
  );
}
