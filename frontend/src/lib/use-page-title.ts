// SPDX-License-Identifier: MPL-2.0

import { useEffect } from "react";

/** Name the page in the title of the window: `Uploads · Tecken`. Null leaves it to others. */
export function usePageTitle(title: string | null): void {
  useEffect(() => {
    if (title === null) return;
    document.title = title === "" ? "Tecken" : `${title} · Tecken`;
  }, [title]);
}
