# SPDX-License-Identifier: MPL-2.0

"""Writing down what was missing, and how many downloads there were."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F

from tecken.download.misses import Downloads, Miss
from tecken.download.models import DownloadDay, MissingDay, MissingSymbol, MissingSymbolDay


def store_misses(misses: Iterable[Miss]) -> set[date]:
    """Write misses down; doing it again, or in several processes at once, changes nothing.

    A day takes so many as the settings say. Return the days that take no more.
    """
    full = set()
    for day, of_day in groupby(sorted(misses, key=attrgetter("day")), attrgetter("day")):
        with transaction.atomic():
            if not _store_day(day, {miss.hash: miss for miss in of_day}):
                full.add(day)
    return full


def _store_day(day: date, misses: Mapping[bytes, Miss]) -> bool:
    """Add the rows that are new, and those of the day; each of the latter counts.

    Return whether the day takes more. Its count is locked until the end of the transaction, so that
    of two who do this at once one waits for the other.
    """
    room = _room_of(day)
    hashes = sorted(misses) if len(misses) <= room else _hashes_that_fit(day, misses, room)
    symbols = MissingSymbol.objects.bulk_create(
        [_row(hash, misses[hash]) for hash in hashes],
        update_conflicts=True,
        unique_fields=["hash"],
        update_fields=["modified_at"],
    )
    ids = {row.pk for row in symbols}
    known = MissingSymbolDay.objects.filter(day=day, symbol_id__in=ids)
    new = ids.difference(known.values_list("symbol_id", flat=True))
    if new:
        days = [MissingSymbolDay(day=day, symbol_id=pk) for pk in sorted(new)]
        MissingSymbolDay.objects.bulk_create(days)
        MissingSymbol.objects.filter(pk__in=new).update(count=F("count") + 1)
        MissingDay.objects.filter(day=day).update(symbols=F("symbols") + len(new))
    return len(new) < room


def _room_of(day: date) -> int:
    """Return how many more a day takes; nobody else adds to it until the transaction ends."""
    of_day = MissingDay.objects.filter(day=day)
    if not of_day.update(symbols=F("symbols")):
        MissingDay.objects.bulk_create([MissingDay(day=day)], ignore_conflicts=True)
        of_day.update(symbols=F("symbols"))
    return max(0, settings.MISSING_SYMBOLS_MAX_PER_DAY - of_day.get().symbols)


def _hashes_that_fit(day: date, misses: Mapping[bytes, Miss], room: int) -> list[bytes]:
    """Return the hashes of those that the day has already, and of so many others."""
    if not room:
        return []
    rows = MissingSymbolDay.objects.filter(day=day, symbol__hash__in=list(misses))
    known = set(map(bytes, rows.values_list("symbol__hash", flat=True)))
    new = [hash for hash in misses if hash not in known]
    return sorted([*known, *new[:room]])


def _row(hash: bytes, miss: Miss) -> MissingSymbol:
    return MissingSymbol(
        hash=hash,
        symbol=miss.symbol,
        debugid=miss.debugid,
        filename=miss.filename,
        code_file=miss.code_file,
        code_id=miss.code_id,
        created_at=miss.at,
        modified_at=miss.at,
    )


def add_downloads(counted: Iterable[Downloads]) -> None:
    """Add to the downloads of some days, all or nothing."""
    with transaction.atomic():
        for downloads in counted:
            row = DownloadDay.objects.filter(date=downloads.day)
            change = {
                "found": F("found") + downloads.found,
                "missing": F("missing") + downloads.missing,
            }
            if not row.update(**change):
                new = DownloadDay(date=downloads.day)
                DownloadDay.objects.bulk_create([new], ignore_conflicts=True)
                row.update(**change)


def take_off_downloads(counted: Iterable[Downloads]) -> None:
    """Take off what was added before; a day of which nothing is left goes."""
    with transaction.atomic():
        for taken in counted:
            row = DownloadDay.objects.filter(date=taken.day)
            row.filter(found__gte=taken.found, missing__gte=taken.missing).update(
                found=F("found") - taken.found, missing=F("missing") - taken.missing
            )
            row.filter(found=0, missing=0).delete()


@transaction.atomic
def forget_misses(debug_files: Collection[str]) -> int:
    """Remove all that was missing of some debug files; return how many keys that were."""
    days = MissingSymbolDay.objects.filter(symbol__symbol__in=debug_files)
    for day, removed in days.values_list("day").annotate(Count("symbol")).order_by("day"):
        of_day = MissingDay.objects.filter(day=day, symbols__gte=removed)
        of_day.update(symbols=F("symbols") - removed)
    MissingDay.objects.filter(symbols=0).delete()
    days.delete()
    return MissingSymbol.objects.filter(symbol__in=debug_files).delete()[0]
