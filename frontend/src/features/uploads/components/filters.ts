// SPDX-License-Identifier: MPL-2.0

import type { ListFilter } from "@/components/data-list/types";
import { uploads } from "@/lib/texts/uploads";

/** When uploads or files were finished, and which were not. */
export const completedFilter: ListFilter = {
  name: "completed_at",
  label: uploads.uploads.completed,
  also: "state",
  kind: "happened",
  placeholder: "incomplete",
  values: ["incomplete"],
};
