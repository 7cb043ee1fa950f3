# SPDX-License-Identifier: MPL-2.0

"""Work with the processor time that nobody else wants, as long as there is some.

Under Linux a thread of the policy SCHED_IDLE is interrupted as soon as any other thread wakes up. One
that merely has a lower priority goes on for up to 3 ms, whatever it is (benchmarks/RECORD.md has what
that is for symbolication beside uploads). But on a busy machine it gets a 300th of a processor, for as
long as that lasts.
"""

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

_LOOK_SECONDS = 2.0
_PAUSE_SECONDS = 30
_LEAST_SHARE = 0.1  # of one processor: what a busy one gives to a thread of niceness 10

Result = TypeVar("Result")


class StarvedError(Exception):
    """There is hardly any spare time."""


class SpareTime:
    """Runs work in spare time, and again from its beginning without it if that is too little.

    Then there is none for some time. ``least_share`` is that of a processor, by which it is judged
    every ``look_seconds``.
    """

    def __init__(
        self, least_share: float = _LEAST_SHARE, look_seconds: float = _LOOK_SECONDS
    ) -> None:
        self._least_share = least_share
        self._look_seconds = look_seconds
        self._none_before = time.monotonic()
        self._thread = ThreadPoolExecutor(1, "spare-time", initializer=_take_what_is_left)

    def run(self, work: Callable[[Callable[[], None]], Result]) -> Result:
        """Return what ``work`` returns, which is to call its argument every now and then.

        That call may raise StarvedError, and then everything is done once more, in the caller's thread.
        """
        if time.monotonic() >= self._none_before:
            look = _Meter(self._least_share, self._look_seconds).look
            try:
                return self._thread.submit(work, look).result()
            except StarvedError:
                self._none_before = time.monotonic() + _PAUSE_SECONDS
        return work(_do_not_look)


class _Meter:
    """Compares how much of the processor the process had with the time that has gone by."""

    def __init__(self, least_share: float, look_seconds: float) -> None:
        self._least_share = least_share
        self._look_seconds = look_seconds
        self._since = time.monotonic(), time.process_time()

    def look(self) -> None:
        """Raise StarvedError when it was too little."""
        now = time.monotonic(), time.process_time()
        gone, had = (later - earlier for later, earlier in zip(now, self._since, strict=True))
        if gone >= self._look_seconds:
            self._since = now
            if had < gone * self._least_share:
                raise StarvedError


def _take_what_is_left() -> None:
    """Give this thread, and those that it starts, the lowest policy; there is no way back from it."""
    if sys.platform == "linux":
        with suppress(OSError):  # where a sandbox forbids it, it has its niceness
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _do_not_look() -> None:
    pass
