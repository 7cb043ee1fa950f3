// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { exactSize, humanSize } from "@/lib/format/size";

/** A number of bytes as people say it, exact in its title. */
export function Size({ bytes }: { bytes: number }) {
  return (
    <span title={exactSize(bytes)} style={{ whiteSpace: "nowrap" }}>
      {humanSize(bytes)}
    </span>
  );
}
