# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import threading

import pytest

from tecken.core.at_once import map_at_once


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
