# SPDX-License-Identifier: MPL-2.0

import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django.fixtures import Settings

from tecken.upload.pool import giving_way, run_in_pool


@pytest.fixture(autouse=True)
def two_workers(settings: Settings) -> None:
    settings.UPLOAD_FILE_UPLOAD_MAX_WORKERS = 2


def test_every_item_has_its_result() -> None:
    assert dict(run_in_pool(str, range(100))) == {n: str(n) for n in range(100)}


def test_no_items_are_no_work() -> None:
    assert list(run_in_pool(str, [])) == []


def test_as_many_run_at_once_as_there_are_workers() -> None:
    together = threading.Barrier(2)

    def work(_item: int) -> int:
        return together.wait(timeout=30)

    assert sorted(position for _, position in run_in_pool(work, range(4))) == [0, 0, 1, 1]


def test_an_item_is_taken_only_when_there_is_room_to_begin_it() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(10):
            taken.append(number)
            yield number

    results = run_in_pool(str, items())
    next(results)
    assert len(taken) == 2
    assert len(list(results)) == 9


def test_after_an_error_nothing_new_is_begun(settings: Settings) -> None:
    settings.UPLOAD_FILE_UPLOAD_MAX_WORKERS = 1
    items = iter([1, 0, 2, 4])
    results = run_in_pool(lambda item: 8 // item, items)
    assert next(results) == (1, 8)
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert list(items) == [2, 4]


def test_after_an_error_what_runs_ends_and_is_told() -> None:
    failed = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            failed.set()
            raise ZeroDivisionError
        assert failed.wait(30)
        return item

    results = run_in_pool(work, [0, 1])
    assert next(results) == (1, 1)
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_who_stops_listening_waits_for_what_runs() -> None:
    begun = threading.Barrier(2)
    ended = []

    def work(item: int) -> int:
        if item < 2:
            begun.wait(timeout=30)
        if item == 1:
            ended.append(item)
        return item

    results = run_in_pool(work, range(2))
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert ended == [1]


@pytest.mark.skipif(
    sys.platform != "linux", reason="a thread has a priority of its own on Linux only"
)
def test_requests_go_before_the_work_and_what_it_starts() -> None:
    def work(_item: int) -> tuple[int, int]:
        with ThreadPoolExecutor(1) as started:
            return niceness(), started.submit(niceness).result()

    before = niceness()
    [(_, (of_work, of_started))] = run_in_pool(work, [0])
    assert of_work == of_started == min(19, before + 10)
    assert niceness() == before


def test_all_chunks_are_passed_on_by_those_that_give_way() -> None:
    chunks = [b"MODULE ", b"", b"Linux"]
    assert list(giving_way(chunks)) == chunks


def niceness() -> int:
    """Return that of this thread."""
    return os.getpriority(os.PRIO_PROCESS, 0)
