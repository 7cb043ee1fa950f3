// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { useEffect } from "react";

/** Name the page in the title of the window: `Uploads · Tecken`. Null leaves it to others. */
export function usePageTitle(title: string | null): void {
  useEffect(() => {
    if (title === null) return;
    document.title = title === "" ? "Tecken" : `${title} · Tecken`;
  }, [title]);
}
