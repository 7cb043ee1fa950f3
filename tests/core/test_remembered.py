# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tecken.core.identifiers import SymbolKey
from tecken.core.places import MAX_MISSES_BYTES, MISS_BYTES, PLACE_BYTES, Place, Places
from tecken.core.remembered import Remembered
from tecken.core.source_pauses import SourcePauses
from tecken.core.storage.base import Content, ObjectInfo
from tecken.core.storage.sources import open_source

NOW = (7, 1, 1)
SOURCE = open_source("https://s3.example.com/symbols", "v1")


def key(number: int, name: str = "xul") -> SymbolKey:
    return SymbolKey.of_module(f"{name}{number}.pdb", f"{number:032X}1")


def later() -> float:
    return time.time() + 3600


@pytest.fixture
def _measured() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def generation(number: int) -> tuple[int, ...]:
    """One whose numbers Python does not share with others."""
    return tuple(1_000_000_000 + number + part for part in range(7))


# Usual names, and the longest, with the character that makes Python need four bytes for each.
@pytest.mark.usefixtures("_measured")
@pytest.mark.parametrize("name", ["libxul.so", "x" * 200 + "\U0001f980"])
def test_misses_take_the_bytes_that_are_counted(name: str) -> None:
    misses: Remembered[bool] = Remembered(4_000_000, MISS_BYTES)
    before, _ = tracemalloc.get_traced_memory()
    for number in range(8_000):
        misses.put(key(number, name), generation(number), later(), True)
    after, _ = tracemalloc.get_traced_memory()
    assert 0.6 * 4_000_000 < after - before < 1.15 * 4_000_000


@pytest.mark.usefixtures("_measured")
def test_places_take_the_bytes_that_are_counted() -> None:
    found: Remembered[Place] = Remembered(4_000_000, PLACE_BYTES)
    before, _ = tracemalloc.get_traced_memory()
    for number in range(8_000):
        object_key = SOURCE.object_key(key(number))
        metadata = {
            "original_size": f"{number:09}",
            "original_md5_hash": f"{number:032x}",
            "object_id": f"{number:032x}",
        }
        content = Content("text/plain", "gzip", metadata)
        info = ObjectInfo(object_key, 10**6 + number, f"{number:032x}", datetime.now(UTC), content)
        found.put(key(number), generation(number), later(), Place(SOURCE, info))
    after, _ = tracemalloc.get_traced_memory()
    assert 0.6 * 4_000_000 < after - before < 1.15 * 4_000_000


def test_misses_stay_within_their_bytes_however_many_there_are() -> None:
    misses = Places([SOURCE], SourcePauses())._misses
    for number in range(60_000):
        misses.put(key(number), generation(number), later(), True)
    assert 0.9 * MAX_MISSES_BYTES < misses.memory_bytes <= MAX_MISSES_BYTES


def test_what_was_used_longest_ago_goes_first_and_not_all_at_once() -> None:
    remembered: Remembered[str] = Remembered(100_000, 0)
    remembered.put(key(0), NOW, later(), "popular")
    for number in range(1, 10_000):
        remembered.put(key(number), NOW, later(), "rare")
        assert remembered.get(key(0), NOW) == "popular"
    assert sum(remembered.get(key(number), NOW) is not None for number in range(10_000)) > 80


def test_it_is_forgotten_after_its_time() -> None:
    remembered: Remembered[str] = Remembered(100_000, 0)
    remembered.put(key(1), NOW, time.time() - 1, "known")
    assert remembered.get(key(1), NOW) is None
    assert remembered.memory_bytes == 0


def test_it_is_not_known_under_a_generation_in_which_it_does_not_hold() -> None:
    remembered: Remembered[str] = Remembered(100_000, 0)
    remembered.put(key(1), NOW, later(), "known")
    assert remembered.get(key(1), (7, 2, 2)) is None
    assert remembered.get(key(1), (8, 1, 1)) is None
    assert remembered.get(key(1), (7, 2, 1)) == "known"


def test_only_what_is_known_is_forgotten() -> None:
    remembered: Remembered[str] = Remembered(100_000, 0)
    remembered.put(key(1), NOW, later(), "new")
    assert not remembered.forget(key(1), "old")
    assert remembered.get(key(1), NOW) == "new"
    assert remembered.forget(key(1), "new")
    assert not remembered.forget(key(1), "new")


def test_threads_count_its_bytes_exactly() -> None:
    remembered: Remembered[int] = Remembered(50_000, 10)

    def work(thread: int) -> None:
        for number in range(3_000):
            remembered.put(key(number % 97), NOW, later(), thread)
            remembered.get(key((number * 7) % 97), NOW)
            remembered.forget(key((number * 3) % 97), thread)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    for number in range(97):
        for thread in range(8):
            remembered.forget(key(number), thread)
    assert remembered.memory_bytes == 0
