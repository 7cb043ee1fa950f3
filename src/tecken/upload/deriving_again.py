# SPDX-License-Identifier: MPL-2.0

"""When a task that derives symbols is run again, as others had the turn of their node.

No thread waits for a turn. A task whose turn has not come ends at once and is put off: the longer, the more of them
wait, so that they ask seldom, and never all together. Whoever is done wakes the next.
"""

import random
from typing import Any, Final

from tecken.jobs.models import Task
from tecken.jobs.registry import find_task
from tecken.jobs.services import bring_forward, enqueue_once, put_off
from tecken.upload.task_names import DERIVE_STORED, DERIVE_UPLOAD, DERIVE_UPSTREAM

_RETRY_SECONDS: Final = 15
_MORE_SECONDS: Final = 1.5  # for each that waits
_MAX_SECONDS: Final = 300
_SPREAD: Final = 0.5
_MAX_COUNTED: Final = 1000


def try_again(task_name: str, **arguments: Any) -> None:
    """Have a task run again a little later, unless it waits already."""
    waiting = Task.objects.filter(name=task_name, state=Task.State.WAITING)[:_MAX_COUNTED].count()
    seconds = min(_RETRY_SECONDS + _MORE_SECONDS * waiting, _MAX_SECONDS)
    spread = random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311 - nobody must not guess it
    enqueue_once(find_task(task_name), delay_seconds=seconds * spread, **arguments)


def wake_next() -> None:
    """Have the next task of each sort that was put off run now, as the turn is free."""
    for name in (DERIVE_UPLOAD, DERIVE_STORED, DERIVE_UPSTREAM):
        row = put_off(find_task(name)).first()
        if row is not None:
            bring_forward(row)
