// SPDX-License-Identifier: MPL-2.0

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
