# SPDX-License-Identifier: MPL-2.0

"""``/missingsymbols.csv``: what was asked for on a day and is not there."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import chain

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tecken.core.errors import InvalidFieldsError
from tecken.download.days import ReportLine, missing_of_day
from tecken.web.paging import flag
from tecken.web.private import reads_symbols

_HEADER = ("debug_file", "debug_id", "code_file", "code_id")


@reads_symbols
@csrf_exempt
@require_safe
def missing_symbols_csv(request: HttpRequest) -> HttpResponseBase:
    """Answer with the symbols of Windows that a day's requests did not find."""
    day = _asked_day(request)
    # Nobody knows how long the answer to HEAD would be; an ordinary one would say that it is empty.
    pages = missing_of_day(day) if request.method == "GET" else iter(())
    # The first page is read before the answer begins, so that an error is still told.
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
