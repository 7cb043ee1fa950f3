# SPDX-License-Identifier: MPL-2.0

"""``/api/audit/``: who did what to whose account, for superusers."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router

from tecken.accounts.models import AuditEntry, User
from tecken.api.access import superuser
from tecken.api.free_text import FreeText
from tecken.api.listing import Filter, Listing
from tecken.api.schemas.common import PageShape, Shape
from tecken.web import filters


class AuditRow(Shape):
    """What ``actor_name`` did to the account of ``subject_name``; both are emails, or a command."""

    id: int
    created_at: datetime
    action: str
    actor_name: str
    subject_name: str
    details: dict[str, Any]


class AuditPage(PageShape):
    """Entries, the newest first."""

    entries: list[AuditRow]


router = Router(tags=["accounts"], auth=superuser)


def _either_side(_column: str, given: str) -> Q:
    """A part of the email of who did it, or of whom it was done to; with ``!``, of neither.

    People are given as lists, from which the database can tell how many entries there will be.
    """
    filters.text("email", given)  # refuses what is too long as a whole
    condition = Q()
    for term in map(str.strip, filter(str.strip, given.split(","))):
        sought = User.objects.filter(filters.text("email", term.removeprefix("!")))
        people = list(sought.values_list("pk", flat=True))
        either = Q(actor__in=people) | Q(subject__in=people)
        condition &= ~either if term.startswith("!") else either
    return condition


LISTING = Listing(
    {
        "user": Filter(_either_side, kind=filters.text, has_index=True),
        "action": Filter(filters.text),
        "created_at": Filter(filters.moment, has_index=True),
    },
    sorts=("created_at",),
    default="-created_at",
    newest_by="created_at",
    search=FreeText(
        ("action", "actor_name", "subject_name"),
        "A part of what was done, or of the name of either side, in the newest entries.",
    ),
)


@router.get(
    "", response=AuditPage, operation_id="list_audit_entries", openapi_extra=LISTING.extra()
)
def list_audit_entries(request: HttpRequest) -> AuditPage:
    """List what was done to accounts, the newest first."""
    page = LISTING.page(AuditEntry.objects.all(), request.GET)
    return AuditPage.of(page, entries=page.rows)
