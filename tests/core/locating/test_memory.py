# SPDX-License-Identifier: MPL-2.0

import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.facts import Fact, Known
from tecken.core.locating.memory import FactMemory
from tecken.core.storage.base import Content, ObjectInfo

SOURCES = ("first-12345678", "second-12345678", "try-12345678")


def key(number: int, name: str = "xul") -> SymbolKey:
    return SymbolKey.of_module(f"{name}{number}.pdb", f"{number:032X}1")


def info(number: int) -> ObjectInfo:
    metadata = {
        "original_size": f"{number:09}",
        "original_md5_hash": f"{number:032x}",
        "object_id": f"{number:032x}",
    }
    content = Content("text/plain", "gzip", metadata)
    return ObjectInfo(f"v1/{key(number)}", 10**6, f"{number:032x}", datetime.now(UTC), content)


def known(number: int, found: ObjectInfo | None = None) -> Known:
    """What a process finds out at once, under a generation whose numbers Python does not share."""
    generation = tuple(1_000_000_000 + number + part for part in range(7))
    missing = Fact(number + 0.5)
    facts = dict.fromkeys(SOURCES, missing)
    return Known(generation, 0.0, facts | ({SOURCES[1]: Fact(0.5, found)} if found else {}))


@pytest.fixture
def _measured() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


# Usual names, and the longest, with the character that makes Python need four bytes for each.
@pytest.mark.usefixtures("_measured")
@pytest.mark.parametrize(
    ("name", "found"),
    [("libxul.so", False), ("libxul.so", True), ("x" * 200 + "\U0001f980", False)],
)
def test_it_takes_the_bytes_that_are_counted(name: str, found: bool) -> None:
    memory = FactMemory(4_000_000)
    before, _ = tracemalloc.get_traced_memory()
    for number in range(6_000):
        memory.put(key(number, name), known(number, info(number) if found else None))
    after, _ = tracemalloc.get_traced_memory()
    assert 0.9 * 4_000_000 < memory.bytes <= 4_000_000
    assert 0.6 * 4_000_000 < after - before < 1.15 * 4_000_000


def test_what_was_used_longest_ago_goes_first_and_not_all_at_once() -> None:
    memory = FactMemory(150_000)
    memory.put(key(0), known(0))
    for number in range(1, 2_000):
        memory.put(key(number), known(number))
        assert memory.get(key(0))
    assert sum(memory.get(key(number)) is not None for number in range(2_000)) > 80


def test_threads_count_its_bytes_exactly() -> None:
    memory = FactMemory(70_000)

    def work(thread: int) -> None:
        for number in range(3_000):
            memory.put(key(number % 97), known(thread, info(thread) if thread % 2 else None))
            memory.get(key((number * 7) % 97))
            memory.drop(key((number * 3) % 97))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    for number in range(97):
        memory.drop(key(number))
    assert memory.bytes == 0
