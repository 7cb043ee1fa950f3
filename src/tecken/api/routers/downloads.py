# SPDX-License-Identifier: MPL-2.0

"""``/api/downloads/``: the symbols that were missing, and what was looked up at Microsoft's."""

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router

from tecken.api.free_text import FreeText
from tecken.api.listing import Filter, Listing, choice
from tecken.api.schemas.common import paging
from tecken.api.schemas.downloads import MicrosoftPage, MicrosoftRow, MissingPage, MissingRow
from tecken.download.microsoft.models import MicrosoftDownload
from tecken.download.models import MissingSymbol
from tecken.web import filters

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
    return MissingPage(
        missing=[MissingRow.model_validate(row) for row in page.rows], **paging(page)
    )


@router.get(
    "microsoft/",
    response=MicrosoftPage,
    operation_id="list_microsoft_downloads",
    openapi_extra=MICROSOFT.extra(),
)
def list_microsoft_downloads(request: HttpRequest) -> MicrosoftPage:
    """List what was looked up at Microsoft's, the newest first."""
    page = MICROSOFT.page(MicrosoftDownload.objects.select_related("file"), request.GET)
    return MicrosoftPage(
        microsoft_downloads=[MicrosoftRow.of(row) for row in page.rows], **paging(page)
    )
