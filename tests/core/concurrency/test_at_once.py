# SPDX-License-Identifier: MPL-2.0

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from time import monotonic, sleep

import pytest

from tecken.core.concurrency.at_once import map_at_once


@pytest.mark.parametrize("at_once", [1, 2, 7, 100])
def test_results_come_in_the_order_of_the_items(at_once: int) -> None:
    assert list(map_at_once(lambda n: n * n, range(50), at_once)) == [n * n for n in range(50)]


def test_so_many_are_at_work_at_once() -> None:
    meeting = threading.Barrier(3, timeout=30)
    assert sorted(map_at_once(lambda _: meeting.wait(), range(6), 3)) == [0, 0, 1, 1, 2, 2]


def test_with_one_at_once_no_thread_is_used() -> None:
    threads = set(map_at_once(lambda _: threading.get_ident(), range(5), 1))
    assert threads == {threading.get_ident()}


def test_an_error_is_raised_and_nothing_new_is_begun() -> None:
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(map_at_once(work, range(100), 2))
    assert len(begun) <= 3


class Counted:
    """Work that waits until it may end, and knows how much of it is under way."""

    def __init__(self) -> None:
        self.now = 0
        self._lock = threading.Lock()
        self._may_end = threading.Event()

    def __call__(self, _item: int) -> None:
        with self._lock:
            self.now += 1
        self._may_end.wait(60)
        with self._lock:
            self.now -= 1

    def end(self) -> None:
        self._may_end.set()

    def await_at_work(self, number: int) -> None:
        deadline = monotonic() + 30
        while self.now < number:
            assert monotonic() < deadline, f"{self.now} at work"
            sleep(0.005)


def test_who_comes_while_all_threads_wait_for_others_waits_for_none() -> None:
    others = [Counted() for _ in range(4)]
    with ThreadPoolExecutor(5) as callers, ExitStack() as ending:
        for other in others:
            ending.callback(other.end)
        waiting = [
            callers.submit(lambda work: [*map_at_once(work, range(100), 16)], other)
            for other in others
        ]
        for other in others:
            other.await_at_work(16)
        mine = callers.submit(lambda: [*map_at_once(str, range(50), 16)])
        assert mine.result(timeout=30) == [*map(str, range(50))]
        ending.close()
        assert not wait(waiting, timeout=30).not_done


def test_all_who_share_the_threads_get_on_whoever_came_first() -> None:
    greedy = [Counted() for _ in range(16)]
    with ThreadPoolExecutor(20) as callers, ExitStack() as ending:
        for each in greedy:
            ending.callback(each.end)
        waiting = [
            callers.submit(lambda work: [*map_at_once(work, range(50), 16)], each)
            for each in greedy
        ]
        for each in greedy:
            each.await_at_work(1)
        assert sum(each.now for each in greedy) <= 64 + len(greedy)  # each does one itself
        ending.close()
        assert not wait(waiting, timeout=30).not_done
