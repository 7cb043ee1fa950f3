# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``/api/audit/``: who did what to whose account, for superusers."""

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router

from tecken.accounts.audit import entries
from tecken.accounts.models import User
from tecken.api.access import superuser
from tecken.api.schemas.audit import AuditPage, AuditQuery, AuditRow
from tecken.web.pages import BATCH_SIZE

router = Router(tags=["accounts"], auth=superuser)


@router.get("", response=AuditPage, operation_id="list_audit_entries")
def list_audit_entries(request: HttpRequest, asked: Query[AuditQuery]) -> AuditPage:
    """List what was done to accounts, the newest first."""
    rows = entries(before=asked.before)
    if asked.user:
        # As a list, from which the database can tell how many entries there will be.
        people = list(User.objects.filter(email__icontains=asked.user).values_list("pk", flat=True))
        rows = rows.filter(Q(actor__in=people) | Q(subject__in=people))
    found = list(rows[: BATCH_SIZE + 1])
    page = found[:BATCH_SIZE]
    return AuditPage(
        entries=[AuditRow.model_validate(row) for row in page],
        next_before=page[-1].pk if len(found) > BATCH_SIZE else None,
    )
