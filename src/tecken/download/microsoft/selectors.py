# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""How many lookups there were on each day."""

from datetime import UTC, date, datetime, time

from django.db.models import Count
from django.db.models.functions import TruncDate

from tecken.download.microsoft.models import MicrosoftDownload


def lookups_by_day(since: date) -> dict[date, int]:
    """Return the numbers of the days from ``since`` on that had any."""
    rows = MicrosoftDownload.objects.filter(created_at__gte=datetime.combine(since, time.min, UTC))
    counted = rows.values(day=TruncDate("created_at")).annotate(count=Count("pk"))
    return dict(counted.order_by().values_list("day", "count"))
