# SPDX-License-Identifier: MPL-2.0

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tecken.core.packers.spare_time import SpareTime

IMPOSSIBLE = 1_000  # no process has as many processors

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has SCHED_IDLE")


@pytest.fixture
def policies() -> Iterator[list[int]]:
    """The policy of each thread that did the work."""
    yield []
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def work(policies: list[int], look: Callable[[], None]) -> str:
    policies.append(os.sched_getscheduler(0))
    look()
    return "done"


def test_work_is_done_in_spare_time(policies: list[int]) -> None:
    spare_time = SpareTime()
    for _ in range(2):
        assert spare_time.run(lambda look: work(policies, look)) == "done"
    assert policies == [os.SCHED_IDLE] * 2


def test_what_it_starts_is_done_in_spare_time() -> None:
    def start(_look: Callable[[], None]) -> int:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(os.sched_getscheduler, 0).result()

    assert SpareTime().run(start) == os.SCHED_IDLE


def test_work_that_has_hardly_any_is_done_again_without_it(policies: list[int]) -> None:
    spare_time = SpareTime(least_share=IMPOSSIBLE, look_seconds=0)
    assert spare_time.run(lambda look: work(policies, look)) == "done"
    assert policies == [os.SCHED_IDLE, os.SCHED_OTHER]


def test_for_some_time_it_is_not_tried_again(policies: list[int]) -> None:
    spare_time = SpareTime(least_share=IMPOSSIBLE, look_seconds=0)
    for _ in range(2):
        spare_time.run(lambda look: work(policies, look))
    assert policies == [os.SCHED_IDLE, os.SCHED_OTHER, os.SCHED_OTHER]


def test_it_is_not_judged_too_early(policies: list[int]) -> None:
    spare_time = SpareTime(least_share=IMPOSSIBLE, look_seconds=600)
    assert spare_time.run(lambda look: work(policies, look)) == "done"
    assert policies == [os.SCHED_IDLE]


def test_errors_of_the_work_pass_through() -> None:
    def fail(_look: Callable[[], None]) -> None:
        raise ZeroDivisionError(threading.current_thread().name)

    with pytest.raises(ZeroDivisionError, match="spare-time"):
        SpareTime().run(fail)
