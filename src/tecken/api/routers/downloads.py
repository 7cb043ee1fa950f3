# SPDX-License-Identifier: MPL-2.0

"""``/api/downloads/``: the symbols that were missing, and what was looked up at Microsoft's."""

from datetime import datetime
from typing import Annotated

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from tecken.api.free_text import FreeText
from tecken.api.listing import Filter, Listing, choice
from tecken.api.schemas.common import OptionalText, PageShape, Shape
from tecken.download.microsoft.models import MicrosoftDownload
from tecken.download.models import MissingSymbol
from tecken.web import filters


class MissingRow(Shape):
    """A missing symbol, with the module that it was needed for. ``count`` is a number of days."""

    id: int
    symbol: str
    debugid: str
    filename: str
    code_file: str
    code_id: str
    count: int
    created_at: datetime
    modified_at: datetime


class MissingPage(PageShape):
    """Missing symbols."""

    missing: list[MissingRow]


class StoredFile(Shape):
    """The file that a lookup stored; sizes are in bytes, ``size`` as stored."""

    id: int
    bucket_name: str
    key: str
    update: bool
    size: int | None
    original_size: int


class MicrosoftRow(Shape):
    """A lookup. Once it is over it has an ``error``, or a ``file``, or was ``skipped``."""

    id: int
    url: str
    symbol: Annotated[str, Field(validation_alias="debug_file")]
    debugid: Annotated[str, Field(validation_alias="debug_id")]
    filename: Annotated[str, Field(validation_alias="symbol_file")]
    error: OptionalText
    skipped: bool
    file: StoredFile | None
    created_at: datetime
    completed_at: datetime | None


class MicrosoftPage(PageShape):
    """Lookups at Microsoft's symbol server."""

    microsoft_downloads: list[MicrosoftRow]


router = Router(tags=["downloads"])


MISSING = Listing(
    {
        "symbol": Filter(filters.text, has_index=True),
        "debugid": Filter(filters.text, has_index=True),
        "filename": Filter(filters.text),
        "modified_at": Filter(filters.moment, has_index=True),
        "count": Filter(filters.count, has_index=True),
    },
    sorts=("modified_at",),
    default="-modified_at",
    newest_by="modified_at",
    search=FreeText(
        ("symbol", "debugid", "filename", "code_file", "code_id"),
        "A part of a name or an id among what was asked for last; in all rows a whole debug file, and the"
        " first six or more digits of a debug id.",
        names=("symbol",),
        ids=("debugid",),
    ),
)
MICROSOFT = Listing(
    {
        "state": choice(
            {
                "all": Q,
                "errors": lambda: ~Q(error=""),
                "specific-error": lambda: ~Q(error=""),  # which one the filter ``error`` says
                "skipped": lambda: Q(skipped=True),
                "file": lambda: Q(file__isnull=False),
                "incomplete": lambda: Q(completed_at=None),
            }
        ),
        "error": Filter(filters.text),
        "symbol": Filter(filters.text, column="debug_file"),
        "debugid": Filter(filters.text, column="debug_id"),
        "created_at": Filter(filters.moment, has_index=True),
    },
    sorts=("created_at",),
    default="-created_at",
    newest_by="created_at",
    search=FreeText(
        ("debug_file", "debug_id", "error"),
        "A part of the debug file, the debug id or the error in the newest lookups; in all of them a whole"
        " debug file.",
        whole=("debug_file",),
    ),
)


@router.get(
    "missing/",
    response=MissingPage,
    operation_id="list_missing",
    openapi_extra=MISSING.extra(),
)
def list_missing(request: HttpRequest) -> MissingPage:
    """List what was asked for and is not here, the last asked for first."""
    page = MISSING.page(MissingSymbol.objects.all(), request.GET)
    return MissingPage.of(page, missing=page.rows)


@router.get(
    "microsoft/",
    response=MicrosoftPage,
    operation_id="list_microsoft_downloads",
    openapi_extra=MICROSOFT.extra(),
)
def list_microsoft_downloads(request: HttpRequest) -> MicrosoftPage:
    """List what was looked up at Microsoft's, the newest first."""
    page = MICROSOFT.page(MicrosoftDownload.objects.select_related("file"), request.GET)
    return MicrosoftPage.of(page, microsoft_downloads=page.rows)
