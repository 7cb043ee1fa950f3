# SPDX-License-Identifier: MPL-2.0

"""What is known of single days: the symbols that were missing, and how many downloads there were."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tecken.download.models import DownloadDay, MissingSymbolDay

_ROWS_AT_ONCE = 2000

# debug_file, debug_id, code_file, code_id
ReportLine = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class DownloadsOfDay:
    """How many downloads (GET) of a day (UTC) were found, and how many were not."""

    date: date
    found: int
    missing: int


def missing_of_day(day: date) -> Iterator[list[ReportLine]]:
    """Yield, some at a time, what a day's requests did not find and Microsoft may have.

    That is symbol files (``.sym``) of debug files that end in ``.pdb``. Each page is a query of its
    own, so that a client that reads slowly holds nothing of the database.
    """
    rows = MissingSymbolDay.objects.filter(
        day=day, symbol__symbol__iendswith=".pdb", symbol__filename__iendswith=".sym"
    ).order_by("symbol_id")
    fields = ("symbol", "debugid", "code_file", "code_id")
    values = rows.values_list("symbol_id", *(f"symbol__{field}" for field in fields))
    last = 0
    while page := list(values.filter(symbol_id__gt=last)[:_ROWS_AT_ONCE]):
        last = page[-1][0]
        yield [(row[1], row[2], row[3], row[4]) for row in page]


def downloads_by_day(days: int = 30) -> list[DownloadsOfDay]:
    """Return the counts of the last days, today included, the oldest first.

    What the processes have counted in the last half second may not be in them.
    """
    today = datetime.now(UTC).date()
    dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
    rows = {row.date: row for row in DownloadDay.objects.filter(date__in=dates)}
    none = DownloadDay()
    return [
        DownloadsOfDay(day, row.found, row.missing)
        for day, row in ((day, rows.get(day, none)) for day in dates)
    ]
