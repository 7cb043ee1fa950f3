# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The background tasks of this application."""

from tecken.jobs import housekeeping, tester
from tecken.jobs.registry import background_task

_HOUR = 3600
_DAY = 24 * _HOUR


@background_task("jobs.sweep_unfinished_objects", time_limit_seconds=600, every_seconds=300)
def sweep_unfinished_objects() -> None:
    housekeeping.sweep_unfinished_objects()


@background_task("jobs.drop_expired_sessions", time_limit_seconds=_HOUR, every_seconds=_DAY)
def drop_expired_sessions() -> None:
    housekeeping.drop_expired_sessions()


@background_task("jobs.forget_tasks", time_limit_seconds=_HOUR, every_seconds=_DAY)
def forget_tasks() -> None:
    housekeeping.forget_tasks()


@background_task("jobs.task_tester", time_limit_seconds=10, max_attempts=1)
def task_tester() -> None:
    tester.leave_mark()
