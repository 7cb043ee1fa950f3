# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""A trial of the way from a request to a background task and back through the cache."""

import time

from django.core.cache import cache

from tecken.jobs.models import Task
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue

_TASK = "jobs.task_tester"
_KEY = "task-tester"
_ASKED, _RAN = "asked", "ran"
_MARK_SECONDS = 300
_WAIT_SECONDS = 3.0
_POLL_SECONDS = 0.05


def start_trial() -> None:
    """Ask for the task. Anybody may call this, so it never leaves more than a few rows."""
    cache.delete(_KEY)  # a cache that is full deletes what an earlier trial left, and sets nothing
    cache.set(_KEY, _ASKED, _MARK_SECONDS)
    rows = Task.objects.filter(name=_TASK)
    rows.filter(finished_at__isnull=False).delete()
    if not rows.filter(state=Task.State.WAITING).exists():
        enqueue(find_task(_TASK))


def leave_mark() -> None:
    """Note that the task ran."""
    cache.set(_KEY, _RAN, _MARK_SECONDS)


def trial_result() -> bool | None:
    """Say whether the task ran, giving it a moment to; None when nobody asked for it."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while (mark := cache.get(_KEY)) == _ASKED and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return None if mark is None else bool(mark == _RAN)
