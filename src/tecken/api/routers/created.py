# SPDX-License-Identifier: MPL-2.0

"""``/api/uploads/created/``: what was uploaded on each day."""

import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Form, Router
from pydantic import Field

from tecken.api.access import auditor, superuser
from tecken.api.listing import Filter, Listing
from tecken.api.schemas.common import PageShape, Shape
from tecken.upload.daily import count_days
from tecken.upload.models import UploadsCreated
from tecken.web import filters
from tecken.web.paging import page_of

MAX_BACKFILLED_DAYS = 366


class CreatedRow(Shape):
    """What was uploaded on a day (UTC); sizes are in bytes of archives."""

    id: int
    date: datetime.date
    count: int
    files: int
    skipped: int
    ignored: int
    size: int
    size_avg: int
    created_at: datetime.datetime
    modified_at: datetime.datetime


class CreatedPage(PageShape):
    """Days, and how many there are in all."""

    uploads_created: list[CreatedRow]
    total: int


class BackfillForm(Shape):
    """How many days, today included, should be counted again."""

    days: Annotated[int, Field(ge=1, le=MAX_BACKFILLED_DAYS)] = 30


class BackfillAnswer(Shape):
    """``backfilled`` of the days had uploads."""

    backfilled: int


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
    return CreatedPage.of(page, uploads_created=page.rows, total=rows.count())  # there are few days


@router.post("backfilled/", auth=superuser, response=BackfillAnswer, operation_id="backfill")
def backfill(request: HttpRequest, asked: Form[BackfillForm]) -> BackfillAnswer:
    """Count the last days again."""
    return BackfillAnswer(backfilled=count_days(asked.days))
