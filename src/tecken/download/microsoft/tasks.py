# SPDX-License-Identifier: MPL-2.0

"""The background tasks of lookups at Microsoft's."""

from django.conf import settings

from tecken.download.microsoft import retention, services
from tecken.jobs.cleaning import cleaning
from tecken.jobs.registry import background_task

# It fetches, unpacks and reads, each within the same time, and stores.
_LIMIT_SECONDS = 3 * settings.MICROSOFT_DOWNLOAD_TIMEOUT + 600


@background_task(services.TASK, time_limit_seconds=_LIMIT_SECONDS, max_attempts=2)
def look_up(pk: int) -> None:
    services.look_up(pk)


@cleaning("microsoft.forget_downloads", "rows of Microsoft lookups")
def forget_downloads(*, dry_run: bool) -> int:
    return retention.forget_downloads(dry_run=dry_run)
