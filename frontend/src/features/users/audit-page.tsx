// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { users } from "@/lib/texts/users";

import { AuditList } from "./components/audit-list";

export function Component() {
  return (
    <Need superuser>
      <PageHeader title={users.audit.title}>{users.audit.text}</PageHeader>
      <AuditList />
    </Need>
  );
}
