# SPDX-License-Identifier: MPL-2.0

"""The background tasks of this application: what has to be cleaned up from time to time, whatever the others do."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from tecken.jobs import tester
from tecken.jobs.cleaning import cleaning
from tecken.jobs.registry import background_task
from tecken.jobs.services import finished_before
from tecken.web.sources import written_sources

# A writer to a folder that is alive writes all the time. To a server a large part may take long, and it
# is told when a part has arrived only.
_UNFINISHED_SECONDS = 600
_UNFINISHED_REMOTE_SECONDS = 24 * 3600


@cleaning(
    "jobs.sweep_unfinished_objects",
    "unfinished objects in buckets",
    time_limit_seconds=600,
    every_seconds=300,
)
def sweep_unfinished_objects(*, dry_run: bool) -> int | None:
    """Drop what killed uploads left in the buckets that we write to."""
    if dry_run:
        return None
    return sum(
        source.bucket.sweep_temporary(
            f"{source.prefix}/" if source.prefix else "",
            _UNFINISHED_REMOTE_SECONDS if source.remote else _UNFINISHED_SECONDS,
        )
        for source in written_sources()
    )


@cleaning("jobs.drop_expired_sessions", "expired sessions")
def drop_expired_sessions(*, dry_run: bool) -> int:
    count = Session.objects.filter(expire_date__lt=timezone.now()).count()
    if not dry_run:
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return count


@cleaning("jobs.forget_tasks", "rows of finished tasks")
def forget_tasks(*, dry_run: bool) -> int:
    rows = finished_before(timedelta(days=settings.TASK_RETENTION_DAYS))
    return rows.count() if dry_run else rows.delete()[0]


task_tester = background_task("jobs.task_tester", time_limit_seconds=10, max_attempts=1)(
    tester.leave_mark
)
