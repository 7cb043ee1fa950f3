# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What has to be cleaned up from time to time."""

import logging
from datetime import timedelta
from importlib import import_module

from django.conf import settings

from tecken.jobs.services import forget_finished
from tecken.web.sources import sources, try_source

logger = logging.getLogger(__name__)

# A writer that is alive writes all the time.
_UNFINISHED_SECONDS = 600


def sweep_unfinished_objects() -> None:
    """Drop what killed uploads left in the buckets that we write to."""
    for source in (*sources(), try_source()):
        if not source.public:
            swept = source.bucket.sweep_temporary(_UNFINISHED_SECONDS)
            if swept:
                logger.info("swept %d unfinished objects from %s", swept, source.name)


def drop_expired_sessions() -> None:
    """Drop the sessions that have ended."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def forget_tasks() -> None:
    """Drop the rows of tasks that were finished long ago."""
    forget_finished(timedelta(days=settings.TASK_RETENTION_DAYS))
