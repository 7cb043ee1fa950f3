# SPDX-License-Identifier: MPL-2.0

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tecken.web.metric_values import SLOT_BYTES, Tallies

COUNT, GAUGE, TIMES = ("a.count", "x"), ("a.gauge",), ("a.times",)


@pytest.fixture
def tallies() -> Tallies:
    """As the main process of a server with two workers has them."""
    tallies = Tallies()
    tallies.share(2)
    return tallies


def run(work: Callable[[], None]) -> int | None:
    """Do something in a forked process; return how that has ended."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    return process.exitcode


def test_what_processes_count_is_added_up(tallies: Tallies) -> None:
    def be(worker: int) -> None:
        tallies.take(worker)
        tallies.add(COUNT, worker + 1)
        tallies.observe(TIMES, worker, 2, 0.5)

    tallies.add(COUNT, 4)
    for worker in (0, 1):
        assert run(lambda: be(worker)) == 0  # noqa: B023 - it is run at once
    assert tallies.totals() == {COUNT: [7.0], TIMES: [1.0, 1.0, 1.0]}


def test_a_killed_worker_leaves_its_counts_and_takes_its_gauges_along(tallies: Tallies) -> None:
    def count_and_die() -> None:
        tallies.take(0)
        tallies.add(COUNT, 1)
        tallies.set(GAUGE, 5)
        os.kill(os.getpid(), signal.SIGKILL)

    for lives in (1, 2):
        assert run(count_and_die) == -signal.SIGKILL
        assert tallies.totals() == {COUNT: [lives], GAUGE: [5.0]}
        tallies.forget(0)
        assert tallies.totals() == {COUNT: [lives], GAUGE: [0.0]}


def test_a_worker_that_takes_a_slot_begins_with_gauges_of_its_own(tallies: Tallies) -> None:
    tallies.take(0)
    tallies.set(GAUGE, 5)
    tallies.take(0)
    tallies.add(GAUGE, 1, is_gauge=True)
    assert tallies.totals() == {GAUGE: [1.0]}


def test_a_forked_process_that_takes_no_slot_disturbs_nobody(tallies: Tallies) -> None:
    tallies.add(COUNT, 1)
    assert run(lambda: tallies.add(COUNT, 10)) == 0
    assert tallies.totals() == {COUNT: [1.0]}


def test_threads_lose_no_count(tallies: Tallies) -> None:
    def count(_number: int) -> None:
        for _ in range(5_000):
            tallies.add(COUNT, 1)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count, range(8)))
    assert tallies.totals() == {COUNT: [40_000.0]}


def test_what_finds_no_room_is_logged_once_and_harms_nothing(
    tallies: Tallies, caplog: pytest.LogCaptureFixture
) -> None:
    tallies.add(COUNT, 1)
    room = SLOT_BYTES // 8
    for number in range(room // 39 + 10):
        tallies.observe((f"times-{number:06}",), 0, 35, 1.0)
    assert "There is no room to count ('times-" in caplog.text
    before, logged = tallies.totals(), len(caplog.records)
    tallies.observe((f"times-{room // 39 + 9:06}",), 0, 35, 1.0)
    assert len(caplog.records) == logged
    assert tallies.totals() == before
    assert before[COUNT] == [1.0]
    assert before[("times-000000",)] == [1.0, *[0.0] * 34, 1.0]


def test_labels_may_have_any_text(tallies: Tallies) -> None:
    key = ("a", "Ünïcode 漢字", "", 'quoted " \n')
    tallies.add(key, 1)
    assert tallies.totals() == {key: [1.0]}


def test_what_a_killed_worker_had_begun_to_write_is_written_over(tallies: Tallies) -> None:
    slot = tallies._slots[1]
    slot.append(COUNT, 1, is_gauge=False)
    end = slot._words[0]
    slot.append(("a.key.that.is.rather.long" * 3,), 1, is_gauge=False)
    slot._words[0] = end  # as if it was killed before it wrote this
    tallies.take(0)
    tallies.observe(TIMES, 0, 2, 0.5)
    assert tallies.totals() == {COUNT: [0.0], TIMES: [1.0, 0.0, 0.5]}
