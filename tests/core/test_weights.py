# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

from concurrent.futures import ThreadPoolExecutor

import pytest

from tecken.core.errors import BusyError
from tecken.core.weights import Weights

SECONDS = 30


def test_work_that_fits_together_is_done_together() -> None:
    weights = Weights(10, 0)
    with weights.carrying(4), weights.carrying(6), weights.carrying(0):
        pass


def test_work_that_finds_no_room_in_time_is_refused() -> None:
    weights = Weights(10, 0)
    with weights.carrying(4), pytest.raises(BusyError), weights.carrying(7):
        pass
    with weights.carrying(7):
        pass


def test_what_is_too_heavy_for_any_company_goes_alone() -> None:
    weights = Weights(10, 0)
    with weights.carrying(100), pytest.raises(BusyError), weights.carrying(1):
        pass
    with weights.carrying(1), pytest.raises(BusyError), weights.carrying(100):
        pass


def test_room_is_given_back_by_work_that_fails() -> None:
    weights = Weights(10, 0)
    with pytest.raises(RuntimeError), weights.carrying(10):
        raise RuntimeError
    with weights.carrying(10):
        pass


def test_who_waits_goes_on_when_there_is_room() -> None:
    weights, carried = Weights(10, SECONDS), list[int]()

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
    weights = Weights(10, 0)
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
