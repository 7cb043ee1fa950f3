// SPDX-License-Identifier: MPL-2.0

import { Need } from "@/components/need";

import { Tasks } from "./components/tasks";

export function Component() {
  return (
    <Need superuser>
      <Tasks />
    </Need>
  );
}
