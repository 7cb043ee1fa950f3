# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``/api/downloads/microsoft/``: what was looked up at Microsoft's, and what came of it."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tecken.download.microsoft.models import MicrosoftDownload
from tecken.web import filters
from tecken.web.pages import list_response, page_number, sorted_by
from tecken.web.responses import iso_datetime

_STATES = {
    "all": Q(),
    "errors": ~Q(error=""),
    "specific-error": ~Q(error=""),  # which one the filter ``error`` says
    "skipped": Q(skipped=True),
    "file": Q(file__isnull=False),
    "incomplete": Q(completed_at=None),
}


def _state(_name: str, given: str) -> Q:
    condition = _STATES.get(given.strip())
    if condition is None:
        raise filters.TermError(f"{given[:50]!r} is none of {', '.join(_STATES)}")
    return condition


_FILTERS: dict[str, filters.Condition] = {
    "state": _state,
    "error": filters.text,
    "symbol": lambda _, given: filters.text("debug_file", given),
    "debugid": lambda _, given: filters.text("debug_id", given),
    "created_at": filters.moment,
}


@csrf_exempt
@require_safe
def microsoft_downloads(request: HttpRequest) -> HttpResponse:
    """Answer with a page of the lookups, the newest first."""
    page = page_number(request.GET)
    rows = MicrosoftDownload.objects.select_related("file")
    rows = filters.filtered(rows, request.GET, _FILTERS)
    rows = sorted_by(rows, request.GET, ("created_at",), "-created_at")
    response = list_response("microsoft_downloads", rows, page, _shape)
    response["Cache-Control"] = "no-cache"
    return response


def _shape(row: MicrosoftDownload) -> dict[str, object]:
    file = row.file and {
        "id": row.file.pk,
        "bucket_name": row.file.bucket_name,
        "key": row.file.key,
        "update": row.file.update,
        "size": row.file.size,
        "original_size": row.file.original_size,
    }
    return {
        "id": row.pk,
        "url": row.url,
        "symbol": row.debug_file,
        "debugid": row.debug_id,
        "filename": row.symbol_file,
        "error": row.error or None,
        "skipped": row.skipped,
        "file": file,
        "created_at": iso_datetime(row.created_at),
        "completed_at": iso_datetime(row.completed_at),
    }
