# SPDX-License-Identifier: MPL-2.0

"""``/api/uploads/created/``: what was uploaded on each day."""

from django.http import HttpRequest
from ninja import Form, Router

from tecken.api.access import auditor, superuser
from tecken.api.listing import Filter, Listing
from tecken.api.schemas.common import paging
from tecken.api.schemas.created import BackfillAnswer, BackfillForm, CreatedPage, CreatedRow
from tecken.upload.daily import count_days
from tecken.upload.models import UploadsCreated
from tecken.web import filters
from tecken.web.pages import page_of

router = Router(tags=["uploads"])

LISTING = Listing(
    {
        "date": Filter(filters.moment),
        "size": Filter(filters.size),
        "count": Filter(filters.count),
    },
    sorts=("date", "size", "count", "files", "skipped", "ignored", "size_avg"),
    default="-date",
)


@router.get(
    "",
    auth=auditor,
    response=CreatedPage,
    operation_id="list_uploads_created",
    openapi_extra=LISTING.extra(),
)
def list_uploads_created(request: HttpRequest) -> CreatedPage:
    """List the days that had uploads, the newest first."""
    rows = LISTING.filtered(UploadsCreated.objects.all(), request.GET)
    page = page_of(rows, request.GET)
    return CreatedPage(
        uploads_created=[CreatedRow.model_validate(row) for row in page.rows],
        total=rows.count(),  # there are few days
        **paging(page),
    )


@router.post("backfilled/", auth=superuser, response=BackfillAnswer, operation_id="backfill")
def backfill(request: HttpRequest, asked: Form[BackfillForm]) -> BackfillAnswer:
    """Count the last days again."""
    return BackfillAnswer(backfilled=count_days(asked.days))
