# SPDX-License-Identifier: MPL-2.0

"""How long missing symbols are kept. Each function returns how many rows it removed, or would."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from tecken.download.models import MissingDay, MissingSymbol, MissingSymbolDay

_ROWS_AT_ONCE = 2000  # so that nobody waits long for the database


def remove_days(*, dry_run: bool) -> int:
    """Remove what was asked for on days that are too old."""
    old = MissingSymbolDay.objects.filter(day__lt=_oldest_moment().date())
    if dry_run:
        return old.count()
    removed = 0
    while (day := old.order_by("day").values_list("day", flat=True).first()) is not None:
        of_day = MissingSymbolDay.objects.filter(day=day)
        while ids := list(of_day.values_list("symbol_id", flat=True)[:_ROWS_AT_ONCE]):
            removed += of_day.filter(symbol_id__in=ids).delete()[0]
    MissingDay.objects.filter(day__lt=_oldest_moment().date()).delete()
    return removed


def remove_symbols(*, dry_run: bool) -> int:
    """Remove symbols that nobody has asked for since, which no day is left of."""
    old = MissingSymbol.objects.filter(modified_at__lt=_oldest_moment(), days=None)
    if dry_run:
        return old.count()
    removed = 0
    while ids := list(old.order_by("modified_at").values_list("pk", flat=True)[:_ROWS_AT_ONCE]):
        removed += len(ids)
        # Looked at again: it may have been asked for meanwhile.
        MissingSymbol.objects.filter(pk__in=ids, modified_at__lt=_oldest_moment()).delete()
    return removed


def _oldest_moment() -> datetime:
    oldest = timezone.now().date() - timedelta(days=settings.MISSING_SYMBOLS_RETENTION_DAYS)
    return datetime.combine(oldest, time.min, UTC)
