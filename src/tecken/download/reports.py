# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``/missingsymbols.csv`` and ``/api/downloads/missing/``: what was asked for and is not there."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import chain

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tecken.core.errors import InvalidFieldsError
from tecken.download.days import ReportLine, missing_of_day
from tecken.download.models import MissingSymbol
from tecken.web import filters
from tecken.web.pages import flag, list_response, page_number, sorted_by
from tecken.web.responses import iso_datetime

_HEADER = ("debug_file", "debug_id", "code_file", "code_id")
_FILTERS = {
    "symbol": filters.text,
    "debugid": filters.text,
    "filename": filters.text,
    "modified_at": filters.moment,
    "count": filters.count,
}


@csrf_exempt
@require_safe
def missing_symbols_csv(request: HttpRequest) -> HttpResponseBase:
    """Answer with the symbols of Windows that a day's requests did not find."""
    day = _asked_day(request)
    # Nobody knows how long the answer to HEAD would be; an ordinary one would say that it is empty.
    pages = missing_of_day(day) if request.method == "GET" else iter(())
    # The first page is read before the answer begins, so that trouble is still told.
    response = StreamingHttpResponse(_csv(chain([next(pages, [])], pages)))
    response["Content-Type"] = "text/csv; charset=utf-8"
    response["Content-Disposition"] = f'attachment; filename="missing-symbols-{day}.csv"'
    response["Cache-Control"] = "no-cache"
    return response


def _asked_day(request: HttpRequest) -> date:
    """Return the day that is asked for: yesterday, unless the query says otherwise."""
    today = datetime.now(UTC).date()
    given = request.GET.get("date")
    if given is None:
        return today if flag(request.GET, "today") else today - timedelta(days=1)
    try:
        day = date.fromisoformat(given)
        if given == day.isoformat():  # it takes week numbers, too
            return day
    except ValueError:
        pass  # as any other form of a date
    raise InvalidFieldsError({"date": [f"{given[:50]!r} is not a date, such as 2026-11-24"]})


def _csv(pages: Iterable[list[ReportLine]]) -> Iterator[str]:
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    for page in pages:
        writer.writerows(page)
        yield text.getvalue()
        text.seek(0)
        text.truncate()


@csrf_exempt
@require_safe
def missing_symbols(request: HttpRequest) -> HttpResponse:
    """Answer with a page of the missing symbols, the newest first."""
    page = page_number(request.GET)
    rows = filters.filtered(MissingSymbol.objects.all(), request.GET, _FILTERS)
    rows = sorted_by(rows, request.GET, ("modified_at",), "-modified_at")
    response = list_response("missing", rows, page, _shape)
    response["Cache-Control"] = "no-cache"
    return response


def _shape(row: MissingSymbol) -> dict[str, object]:
    return {
        "id": row.pk,
        "symbol": row.symbol,
        "debugid": row.debugid,
        "filename": row.filename,
        "code_file": row.code_file,
        "code_id": row.code_id,
        "count": row.count,
        "created_at": iso_datetime(row.created_at),
        "modified_at": iso_datetime(row.modified_at),
    }
