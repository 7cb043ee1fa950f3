# SPDX-License-Identifier: MPL-2.0

"""How many questions another server gets, from all processes of a node."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tecken.core.upstreams.pace import Pace, PaceError


def test_no_more_are_under_way_than_may(tmp_path: Path) -> None:
    paces = [Pace(tmp_path, 3, 10_000) for _ in range(4)]  # each with its own file descriptors
    now, most, lock = 0, 0, threading.Lock()

    def ask(number: int) -> None:
        nonlocal now, most
        with paces[number % 4].asking(10):
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.02)
            with lock:
                now -= 1

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(ask, range(40)))
    assert most == 3


def test_a_second_has_so_many_questions(tmp_path: Path) -> None:
    pace, other = Pace(tmp_path, 9, 40), Pace(tmp_path, 9, 40)
    started = time.monotonic()
    for _ in range(32):
        for each in (pace, other):
            with each.asking(10):
                pass
    assert 0.5 < time.monotonic() - started < 2  # 40 at once, and 24 more


def test_who_would_wait_too_long_is_told_at_once(tmp_path: Path) -> None:
    pace = Pace(tmp_path, 1, 10_000)
    with pace.asking(1), pytest.raises(PaceError, match="under way"), pace.asking(0.05):
        pass
    slow = Pace(tmp_path / "slow", 1, 1)
    with slow.asking(1):
        pass
    started = time.monotonic()
    with pytest.raises(PaceError, match="1 questions a second"), slow.asking(0.5):
        pass
    assert time.monotonic() - started < 0.4


def test_a_clock_of_another_start_of_the_machine_holds_nobody_back(tmp_path: Path) -> None:
    pace = Pace(tmp_path, 1, 5)
    with pace.asking(1):
        pass
    (tmp_path / "rate").write_bytes(b"\x00\x00\x00\x00\x00\x00\xf0\x7f")  # infinity
    with pace.asking(1):
        pass


def test_without_a_folder_nobody_is_held_back(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with Pace(tmp_path / "file", 1, 1).asking(0.1), Pace(tmp_path / "file", 1, 1).asking(0.1):
        pass
