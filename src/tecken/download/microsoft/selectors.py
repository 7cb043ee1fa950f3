# SPDX-License-Identifier: MPL-2.0

"""How many lookups there were on each day."""

from datetime import UTC, date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import TruncDate

from tecken.download.microsoft.models import MicrosoftDownload

_KEPT_SECONDS = 2 * 24 * 3600


def lookups_by_day(since: date) -> dict[date, int]:
    """Return the numbers of the days from ``since`` on.

    They are counted once: there may be very many, and no more come to a day that is over. Yesterday
    is not quite, for lookups that were under way at midnight.
    """
    today = datetime.now(UTC).date()
    days = [since + timedelta(days=number) for number in range((today - since).days + 1)]
    kept = cache.get_many([_key(day) for day in days[:-2]])
    new = [day for day in days if _key(day) not in kept]
    counted = _count(new[0])
    found = {day: kept.get(_key(day), counted.get(day, 0)) for day in days}
    over = [day for day in new if day in days[:-2]]
    if over:
        cache.set_many({_key(day): found[day] for day in over}, _KEPT_SECONDS)
    return found


def _key(day: date) -> str:
    return f"microsoft-lookups:{day}"


def _count(since: date) -> dict[date, int]:
    rows = MicrosoftDownload.objects.filter(created_at__gte=datetime.combine(since, time.min, UTC))
    counted = rows.values(day=TruncDate("created_at")).annotate(count=Count("pk"))
    return dict(counted.order_by().values_list("day", "count"))
