# SPDX-License-Identifier: MPL-2.0

import weakref

from tests.core.symbols.conftest import table_of

from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.table import BreakpadTable
from tecken.core.tiers import memory as memory_module
from tecken.core.tiers.memory import MemoryTier

TEXT = b"".join(b"FUNC %x0 10 0 f%d\n" % (n, n) for n in range(1, 1_000))


def used_table() -> BreakpadTable:
    table = table_of(TEXT)
    table.lookup([0x100], ReadLog())
    return table


def test_a_table_is_found_by_its_identity() -> None:
    tier, table = MemoryTier(1_000_000), table_of(TEXT)
    tier.put("a", table)
    assert tier.get("a") is table
    assert tier.get("b") is None


def test_a_table_that_is_put_again_replaces_the_other() -> None:
    tier, second = MemoryTier(1_000_000), table_of(TEXT)
    tier.put("a", table_of(TEXT))
    tier.put("a", second)
    assert tier.get("a") is second


def test_a_dropped_table_is_gone_and_dropping_it_again_is_no_error() -> None:
    tier = MemoryTier(1_000_000)
    tier.put("a", table_of(TEXT))
    tier.drop("a")
    tier.drop("a")
    assert tier.get("a") is None


def test_trimming_keeps_everything_that_fits() -> None:
    tables = [used_table() for _ in range(3)]
    tier = MemoryTier(sum(table.memory_bytes for table in tables))
    for name, table in zip("abc", tables, strict=True):
        tier.put(name, table)
    assert tier.trim() == sum(table.memory_bytes for table in tables)
    assert [tier.get(name) for name in "abc"] == tables


def test_trimming_drops_the_tables_used_longest_ago() -> None:
    tables = {name: used_table() for name in "abcd"}
    tier = MemoryTier(2 * tables["a"].memory_bytes)
    for name, table in tables.items():
        tier.put(name, table)
    tier.get("a")
    tier.trim()
    assert [name for name in "abcd" if tier.get(name)] == ["a", "d"]


def test_a_single_table_that_does_not_fit_forgets_what_it_has_read() -> None:
    table = used_table()
    used = table.memory_bytes
    tier = MemoryTier(used - 1)
    tier.put("a", table)
    tier.trim()
    assert tier.get("a") is table
    assert table.memory_bytes < used


def test_only_so_many_tables_are_kept(monkeypatch) -> None:
    # Each may keep a file open; the real limit would need 500 files to show.
    monkeypatch.setattr(memory_module, "MAX_TABLES", 2)
    tier = MemoryTier(1_000_000_000)
    for name in "abc":
        tier.put(name, table_of(TEXT))
    assert [name for name in "abc" if tier.get(name)] == ["b", "c"]


def test_a_table_may_be_kept_for_some_time_only() -> None:
    tier, table = MemoryTier(1_000_000), table_of(TEXT)
    tier.put("a", table, seconds=3600)
    assert tier.get("a") is table
    tier.put("a", table, seconds=0)
    assert tier.get("a") is None
    tier.put("a", table, seconds=0)
    tier.put("a", table)
    assert tier.get("a") is table


def test_trimming_lets_a_table_go_whose_time_is_over() -> None:
    tier, table = MemoryTier(1_000_000), table_of(TEXT)
    tier.put("a", table, seconds=0)
    alive = weakref.ref(table)
    del table
    tier.trim()
    assert alive() is None


def test_it_says_how_many_tables_there_are_and_what_they_take() -> None:
    tier, table = MemoryTier(1_000_000), used_table()
    assert tier.taken() == (0, 0)
    tier.put("a", table)
    assert tier.taken() == (1, table.memory_bytes)
    tier.put("b", used_table(), seconds=0)
    assert tier.taken() == (1, table.memory_bytes)
