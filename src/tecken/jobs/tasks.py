# SPDX-License-Identifier: MPL-2.0

"""The background tasks of this application."""

from tecken.jobs import housekeeping, tester
from tecken.jobs.cleaning import cleaning
from tecken.jobs.registry import background_task


@cleaning(
    "jobs.sweep_unfinished_objects",
    "unfinished objects in buckets",
    time_limit_seconds=600,
    every_seconds=300,
)
def sweep_unfinished_objects(*, dry_run: bool) -> int | None:
    return None if dry_run else housekeeping.sweep_unfinished_objects()


@cleaning("jobs.drop_expired_sessions", "expired sessions")
def drop_expired_sessions(*, dry_run: bool) -> int:
    return housekeeping.drop_expired_sessions(dry_run=dry_run)


@cleaning("jobs.forget_tasks", "rows of finished tasks")
def forget_tasks(*, dry_run: bool) -> int:
    return housekeeping.forget_tasks(dry_run=dry_run)


@background_task("jobs.task_tester", time_limit_seconds=10, max_attempts=1)
def task_tester() -> None:
    tester.leave_mark()
