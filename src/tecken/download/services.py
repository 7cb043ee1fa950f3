# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Writing down what was missing, and how many downloads there were."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import F

from tecken.download.misses import Downloads, Miss
from tecken.download.models import DownloadDay, MissingSymbol, MissingSymbolDay


def store_misses(misses: Iterable[Miss]) -> None:
    """Write misses down; doing it again, or in several processes at once, changes nothing."""
    for day, of_day in groupby(sorted(misses, key=attrgetter("day")), attrgetter("day")):
        with transaction.atomic():
            _store_day(day, {miss.hash: miss for miss in of_day})


def _store_day(day: date, misses: Mapping[bytes, Miss]) -> None:
    """Add the rows that are new, and those of the day; each of the latter counts.

    The first statement locks the rows of the symbols until the end of the transaction, in the order
    of their hashes, so that of two who do this at once one waits for the other.
    """
    symbols = MissingSymbol.objects.bulk_create(
        [_row(hash, misses[hash]) for hash in sorted(misses)],
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
    MissingSymbolDay.objects.filter(symbol__symbol__in=debug_files).delete()
    return MissingSymbol.objects.filter(symbol__in=debug_files).delete()[0]
