# SPDX-License-Identifier: MPL-2.0

"""A trial of the way from a request to a background task and back through the cache."""

import time
from datetime import timedelta
from enum import Enum, auto

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from tecken.jobs.models import Task
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue

_TASK = "jobs.task_tester"
_KEY = "task-tester"
_ASKED, _RAN = "asked", "ran"
_MARK_SECONDS = 300
_WAIT_SECONDS = 3.0
_POLL_SECONDS = 0.05


class Trial(Enum):
    """How a trial went."""

    NOT_ASKED = auto()
    RAN = auto()
    DID_NOT_RUN = auto()
    FORGOTTEN = auto()  # by the cache: the row says that somebody asked


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


def trial_result() -> Trial:
    """Say how the trial went, giving the task a moment to run."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while (mark := cache.get(_KEY)) == _ASKED and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    if mark is None:
        return Trial.FORGOTTEN if _was_asked() else Trial.NOT_ASKED
    return Trial.RAN if mark == _RAN else Trial.DID_NOT_RUN


def _was_asked() -> bool:
    """Say whether there is a row of a trial whose mark the cache should still have."""
    recent = Q(created_at__gt=timezone.now() - timedelta(seconds=_MARK_SECONDS))
    return Task.objects.filter(recent | Q(finished_at=None), name=_TASK).exists()
