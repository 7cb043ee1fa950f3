// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { useEffect } from "react";

/** Name the page in the title of the window: `Uploads · Tecken`. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Tecken" : `${title} · Tecken`;
  }, [title]);
}
