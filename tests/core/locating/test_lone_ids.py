# SPDX-License-Identifier: MPL-2.0

"""What a process remembers of debug ids without names."""

from collections.abc import Iterator

import pytest

from tecken.core.locating.lone_ids import LoneIds

IDS = [f"{number:032X}0" for number in (1 << 120, 2 << 120, 3 << 120)]


class Rows:
    """Ids by their numbers, and how they were asked for."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, str]] = []
        self.asked: list[int] = []

    def load(self, after: int) -> list[tuple[int, str]]:
        self.asked.append(after)
        return [row for row in self.rows if row[0] > after]


def test_ids_are_read_once_for_each_generation() -> None:
    rows = Rows()
    ids = LoneIds(rows.load)
    for _ in range(100):
        assert not ids.may_have(IDS[0], (1, 1))
    rows.rows.append((5, IDS[0]))
    assert not ids.may_have(IDS[0], (1, 1))
    assert ids.may_have(IDS[0], (1, 2))
    assert not ids.may_have(IDS[1], (1, 2))
    assert rows.asked == [0, 0]


def test_only_what_is_new_is_read_and_a_little_of_what_was_before() -> None:
    rows = Rows()
    rows.rows = [(10_000, IDS[0])]
    ids = LoneIds(rows.load)
    ids.may_have(IDS[0], (1,))
    rows.rows += [(9_990, IDS[1]), (10_001, IDS[2])]  # one was committed late
    assert all(ids.may_have(some_id, (2,)) for some_id in IDS)
    assert rows.asked == [0, 9_000]


def test_with_very_many_all_may_be_one_and_nothing_more_is_read() -> None:
    rows = Rows()
    rows.rows = [(1, IDS[0]), (2, IDS[1])]
    ids = LoneIds(rows.load, max_ids=2)
    assert ids.may_have(IDS[2], (1,))
    assert ids.may_have(IDS[2], (2,))
    assert rows.asked == [0]


def test_of_very_many_no_more_is_read_than_is_kept() -> None:
    read = 0

    def load(_after: int) -> Iterator[tuple[int, str]]:
        nonlocal read
        for number in range(1, 1_000_000):
            read += 1
            yield number, f"{number << 100:032X}0"

    ids = LoneIds(load)
    assert ids.may_have(IDS[0], (1,))
    assert read == 200_000


def test_what_could_not_be_read_is_read_the_next_time() -> None:
    rows = Rows()
    rows.rows = [(1, IDS[0])]

    def fail_once(after: int) -> list[tuple[int, str]]:
        if not rows.asked:
            rows.asked.append(after)
            raise OSError("the database is gone")
        return rows.load(after)

    ids = LoneIds(fail_once)
    with pytest.raises(OSError, match="gone"):
        ids.may_have(IDS[0], (1,))
    assert ids.may_have(IDS[0], (1,))
