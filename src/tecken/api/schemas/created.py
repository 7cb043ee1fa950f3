# SPDX-License-Identifier: MPL-2.0

"""What was uploaded on single days."""

import datetime
from typing import Annotated

from pydantic import Field

from tecken.api.schemas.common import PageShape, Shape

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
