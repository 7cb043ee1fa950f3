# SPDX-License-Identifier: MPL-2.0

"""The background tasks there are, by name. A row keeps the name, so names outlive releases.

A task may be run again after it was interrupted anywhere, so each must be idempotent.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

_MAX_DELAY_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """A function with its limits. ``every_seconds`` is set when it runs by the clock, too.

    ``when_given_up`` is called with the same arguments when it has failed for good, perhaps more than once.
    It is interrupted at its time limit. A worker's process that does not listen is killed
    ``kill_after_seconds`` later. One that ``takes_long`` lets others be run beside it by the same process of the server.
    """

    name: str
    function: Callable[..., object]
    time_limit_seconds: float
    max_attempts: int
    first_delay_seconds: float
    every_seconds: int | None
    kill_after_seconds: float
    when_given_up: Callable[..., None] | None = None
    takes_long: bool = False

    def delay_seconds(self, attempts: int) -> float:
        """Return how long to wait after so many attempts: twice as long each time, up to an hour."""
        return min(self.first_delay_seconds * 2.0 ** (attempts - 1), _MAX_DELAY_SECONDS)


class UnknownTaskError(LookupError):
    """A row names a task that this release does not have; another node may be ahead or behind."""


_tasks: dict[str, BackgroundTask] = {}


def background_task(
    name: str,
    *,
    time_limit_seconds: float,
    max_attempts: int = 5,
    first_delay_seconds: float = 10,
    every_seconds: int | None = None,
    kill_after_seconds: float = 30,
    when_given_up: Callable[..., None] | None = None,
    takes_long: bool = False,
) -> Callable[[Callable[..., object]], BackgroundTask]:
    """Register a function of JSON values, which calls one service function."""

    def register(function: Callable[..., object]) -> BackgroundTask:
        task = BackgroundTask(
            name,
            function,
            time_limit_seconds,
            max_attempts,
            first_delay_seconds,
            every_seconds,
            kill_after_seconds,
            when_given_up,
            takes_long,
        )
        if _tasks.setdefault(name, task) is not task:
            raise ValueError(f"there are two background tasks {name!r}")
        return task

    return register


def find_task(name: str) -> BackgroundTask:
    """Return the task of that name. Raises UnknownTaskError."""
    try:
        return _tasks[name]
    except KeyError:
        raise UnknownTaskError(f"there is no background task {name!r}") from None


def long_tasks() -> Collection[str]:
    """Return the names of the tasks that take long."""
    return [task.name for task in _tasks.values() if task.takes_long]


def periodic_tasks() -> Iterable[BackgroundTask]:
    """Return the tasks that run by the clock."""
    return [task for task in _tasks.values() if task.every_seconds is not None]
