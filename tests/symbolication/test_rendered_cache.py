# SPDX-License-Identifier: MPL-2.0

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.core.symbols.conftest import table_of

from tecken.core.identifiers import SymbolKey
from tecken.core.symbolicate import Job, Module, ModuleSymbols, symbolicate
from tecken.core.symbols.lookup import ReadLog, Symbol
from tecken.core.symbols.table import BreakpadTable
from tecken.symbolication.rendered_cache import RenderedBefore, RenderedCache, RenderedFrames

XUL: Module = ("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2")
LOWER = (XUL[0], XUL[1].lower())


class OneTable:
    """Has one table for every key, until it is replaced."""

    def __init__(self) -> None:
        self.replace()

    def replace(self) -> None:
        self.table = table_of(b"FUNC 10 10 0 main\nPUBLIC 30 0 exit\n")

    def table_of(self, key: SymbolKey, log: ReadLog) -> BreakpadTable:
        return self.table

    def table_in_memory(self, key: SymbolKey, log: ReadLog) -> None:
        """Nothing is remembered."""


class Asked:
    """A request: what was rendered before of each frame, and what was looked up."""

    def __init__(
        self, cache: RenderedCache, supplier: OneTable, *jobs: Job, version: str = "v5"
    ) -> None:
        self.before = RenderedBefore(version, cache)
        self.found = symbolicate(jobs, supplier, wanted=self.before.wanted)

    def rendered(self, module: Module = XUL) -> list[bytes | None]:
        return [*self.before.rendered_of(module, self.found[module])]

    def keep(self, rendered: dict[int | str, bytes], module: Module = XUL) -> None:
        self.before.keep(module, self.found[module], rendered)


@pytest.fixture
def cache() -> RenderedCache:
    return RenderedCache()


def test_what_was_rendered_is_not_looked_up_again(cache: RenderedCache) -> None:
    job, supplier = Job([XUL], [[(0, 0x10), (0, 0x30)]]), OneTable()
    first = Asked(cache, supplier, job)
    assert (len(first.found[XUL].symbols), first.rendered()) == (2, [None, None])
    first.keep({0x10: b"kept"})
    second = Asked(cache, supplier, job)
    assert second.found[XUL].symbols == {0x30: Symbol("exit", 0)}
    assert second.rendered() == [b"kept", None]
    assert len(Asked(cache, supplier, job, version="v4").found[XUL].symbols) == 2


def test_each_spelling_of_a_module_has_the_texts_of_its_own_frames(cache: RenderedCache) -> None:
    supplier = OneTable()
    Asked(cache, supplier, Job([XUL], [[(0, 0x10)]])).keep({0x10: b"a", 0x11: b"b"})
    stacks = [[(0, 0x11), (1, 0x10), (0, 0x30)], [(1, 0x11), (0, "x"), (0, 0x10)]]
    asked = Asked(cache, supplier, Job([LOWER, XUL], stacks), Job([XUL], [[(-1, 5), (0, 0x11)]]))
    assert asked.rendered(LOWER) == [b"b", None, None, b"a"]
    assert asked.rendered(XUL) == [b"a", b"b", b"b"]
    assert asked.found[XUL].symbols == {0x30: Symbol("exit", 0)}


def test_what_was_rendered_goes_with_its_table(cache: RenderedCache) -> None:
    job, supplier = Job([XUL], [[(0, 0x10)]]), OneTable()
    Asked(cache, supplier, job).keep({0x10: b"old"})
    assert cache.memory_bytes > 0
    supplier.replace()
    assert Asked(cache, supplier, job).rendered() == [None]
    gc.collect()
    assert cache.memory_bytes == 0


def test_of_a_module_that_is_gone_in_the_end_nothing_was_rendered(cache: RenderedCache) -> None:
    asked = Asked(cache, OneTable(), Job([XUL], [[(0, 0x10)]]))
    asked.found[XUL].fail("not_found", "gone")
    asked.keep({0x10: b"lost"})
    assert asked.rendered() == []
    assert cache.memory_bytes == 0


def test_without_a_cache_everything_is_wanted() -> None:
    before = RenderedBefore("v5")
    assert [*before.wanted(XUL, OneTable().table, [1, 2, 1, "x"])] == [1, 2, "x"]
    before.keep(XUL, ModuleSymbols(table=OneTable().table), {1: b"lost"})


def test_trimming_drops_what_was_not_used_first(cache: RenderedCache) -> None:
    table, other = OneTable().table, OneTable().table
    cache.of(other)
    for number in range(40):
        cache.of(table).keep("v0", {number: b"x" * 1_000})
        assert cache.of(table).find("v0", [0]) != [None]
        cache.trim(5_000)
        assert 0 < cache.memory_bytes <= 5_000
    assert not any(cache.of(table).find("v0", range(1, 30)))
    cache.trim(0)
    assert cache.memory_bytes == 0


@pytest.fixture
def _switching() -> Iterator[None]:
    """Threads that take turns so often that a count that can lose an update does."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def counted(kept: RenderedFrames) -> int:
    """What the rendered that there are count for, one by one."""
    total = 0
    for rendered in (kept._used, kept._older):
        for form, by_address in rendered._by_form.items():
            alone = RenderedFrames()
            alone.keep(form, by_address)
            total += alone.memory_bytes
    return total


@pytest.mark.usefixtures("_switching")
def test_the_bytes_of_texts_are_exact_whatever_threads_do() -> None:
    """They keep the same rendered as others, and use those that others are about to forget."""
    kept = RenderedFrames()

    def work(thread: int) -> None:
        for number in range(2_000):
            address = (number * 7 + thread) % 64
            kept.keep("v5", {address: b"x" * (100 + address)})
            kept.find("v5", [address, (address + 1) % 64])
            if number % 50 == thread and number < 1_000:
                kept.forget_unused()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert kept.memory_bytes == counted(kept)
