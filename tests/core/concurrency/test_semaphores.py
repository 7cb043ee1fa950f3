# SPDX-License-Identifier: MPL-2.0

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import pytest

from tecken.core.concurrency.semaphores import WeightedSemaphore
from tecken.core.errors import BusyError

SECONDS = 30
REFUSAL = "Too many: try again later"


def made(patience_seconds: float = 0, max_waiting: int = 4) -> WeightedSemaphore:
    return WeightedSemaphore(10, patience_seconds, REFUSAL, max_waiting)


def test_work_that_fits_together_is_done_together() -> None:
    weights = made()
    with weights.carrying(4), weights.carrying(6), weights.carrying(0):
        pass


def test_work_that_finds_no_room_in_time_is_refused() -> None:
    weights = made()
    with weights.carrying(4), pytest.raises(BusyError), weights.carrying(7):
        pass
    with weights.carrying(7):
        pass


def test_a_refusal_says_what_there_is_too_much_of() -> None:
    weights = made()
    with (
        weights.carrying(10),
        pytest.raises(BusyError, match=f"^{REFUSAL}$"),
        weights.carrying(1),
    ):
        pass


def test_what_is_too_heavy_for_any_company_makes_only_its_own_kind_wait() -> None:
    weights = made()
    with weights.carrying(100), weights.carrying(4), weights.carrying(6):
        for weight in (11, 100):
            with pytest.raises(BusyError), weights.carrying(weight):
                pass
    with weights.carrying(10), weights.carrying(100):
        pass


def test_what_weighs_nothing_never_waits() -> None:
    weights = made(SECONDS, max_waiting=0)
    with weights.carrying(100), weights.carrying(10), weights.carrying(0), weights.carrying(0):
        pass


def test_only_so_many_wait_and_more_are_refused_at_once() -> None:
    weights, carried = made(SECONDS, max_waiting=2), list[int]()

    def carry() -> None:
        with weights.carrying(10):
            carried.append(1)

    with ThreadPoolExecutor(3) as pool:
        with weights.carrying(10):
            waiting = [pool.submit(carry) for _ in range(3)]
            done, waiting_still = wait(waiting, SECONDS, FIRST_COMPLETED)
            assert [type(each.exception()) for each in done] == [BusyError]
            assert len(waiting_still) == 2
        assert [each.result(SECONDS) for each in waiting_still] == [None, None]
    assert carried == [1, 1]


def test_room_is_given_back_by_work_that_fails() -> None:
    weights = made()
    with pytest.raises(RuntimeError), weights.carrying(10):
        raise RuntimeError
    with weights.carrying(10):
        pass


def test_who_waits_goes_on_when_there_is_room() -> None:
    weights, carried = made(SECONDS), list[int]()

    def carry() -> None:
        with weights.carrying(6):
            carried.append(1)

    with ThreadPoolExecutor(2) as pool:
        with weights.carrying(6):
            waiting = [pool.submit(carry) for _ in range(2)]
            assert carried == []
        for each in waiting:
            each.result(SECONDS)
    assert carried == [1, 1]


def test_work_may_become_lighter_and_not_heavier() -> None:
    weights = made()
    with weights.carrying(10) as lighten:
        lighten(20)
        with pytest.raises(BusyError), weights.carrying(1):
            pass
        lighten(4)
        with weights.carrying(6), pytest.raises(BusyError), weights.carrying(1):
            pass
        lighten(5)
        with weights.carrying(6):
            pass
    with weights.carrying(10):
        pass


def test_heavy_work_makes_room_for_its_kind_when_it_weighs_nothing_any_more() -> None:
    weights = made()
    with weights.carrying(100) as lighten:
        lighten(5)
        with weights.carrying(10), pytest.raises(BusyError), weights.carrying(100):
            pass
        lighten(0)
        with weights.carrying(100), weights.carrying(10):
            pass
    with weights.carrying(100), weights.carrying(10):
        pass
