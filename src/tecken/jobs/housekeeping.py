# SPDX-License-Identifier: MPL-2.0

"""What has to be cleaned up from time to time, whatever the applications do."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from tecken.jobs.services import finished_before, forget_finished
from tecken.web.sources import written_sources

# A writer to a folder that is alive writes all the time. To a server a large part may take long, and it
# is told when a part has arrived only.
_UNFINISHED_SECONDS = 600
_UNFINISHED_REMOTE_SECONDS = 24 * 3600


def sweep_unfinished_objects() -> int:
    """Drop what killed uploads left in the buckets that we write to; return how many."""
    return sum(
        source.bucket.sweep_temporary(
            f"{source.prefix}/" if source.prefix else "",
            _UNFINISHED_REMOTE_SECONDS if source.remote else _UNFINISHED_SECONDS,
        )
        for source in written_sources()
    )


def drop_expired_sessions(*, dry_run: bool) -> int:
    """Drop the sessions that have ended; return how many."""
    count = Session.objects.filter(expire_date__lt=timezone.now()).count()
    if not dry_run:
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return count


def forget_tasks(*, dry_run: bool) -> int:
    """Drop the rows of tasks that were finished long ago; return how many."""
    age = timedelta(days=settings.TASK_RETENTION_DAYS)
    return finished_before(age).count() if dry_run else forget_finished(age)
