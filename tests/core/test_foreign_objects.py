# SPDX-License-Identifier: MPL-2.0

"""Objects that somebody else put in a bucket: streamed once, and what is made of them is kept."""

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.supplied_nodes import (
    KEY,
    Node,
    ask,
    damage,
    name_at,
    put_by_hand,
    put_gzip,
    put_plain,
    remove,
    text,
)

from tecken.core.concurrency.later import Job as Work
from tecken.core.errors import (
    MalformedSymbolFileError,
    ObjectChangedError,
)
from tecken.core.storage.sources import Source
from tecken.core.storage.sweeping import Cursor, sweep_orphans
from tecken.core.symbolicate import Job, symbolicate
from tecken.core.symbols.lookup import ReadLog, Symbol
from tecken.core.table_suppliers import Supplier
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeTier


def test_somebody_elses_gzip_is_streamed_once_for_all_processes(node: Node, source: Source) -> None:
    put_gzip(node, source, text())
    ask(node.supplier())
    log = ReadLog()
    assert ask(node.supplier(), 0x100, log) == Symbol("f16", 0, 16, "a.c", 16)
    assert log.storage.count == 0
    assert log.cache.count > 0


def test_somebody_elses_text_is_indexed_once_and_read_where_it_is(
    node: Node, source: Source
) -> None:
    put_plain(node, source, text())
    ask(node.supplier())
    log = ReadLog()
    ask(node.supplier(), 0x100, log)
    assert 0 < log.storage.stored_bytes < len(text())
    assert node.kept() == [".index"]


def test_a_damaged_copy_on_the_node_is_made_again(node: Node, source: Source) -> None:
    put_gzip(node, source, text())
    ask(node.supplier())
    [copy] = (node.folder / "symbolication").glob("*.sym.gz")
    stored = bytearray(copy.read_bytes())
    stored[10:2000] = bytes(1990)
    copy.write_bytes(stored)
    supplier = node.supplier()
    with pytest.raises(ObjectChangedError):
        ask(supplier)
    assert name_at(supplier) == "f1"
    assert name_at(node.supplier()) == "f1"


@pytest.mark.parametrize("data", [b"\x1f\x8bnot gzip" * 9, gzip.compress(text(), mtime=0)[:-9]])
def test_a_damaged_gzip_is_malformed_and_streamed_once_for_all_processes(
    node: Node, source: Source, data: bytes
) -> None:
    put_by_hand(node, source, data)
    reads = []
    for supplier in (node.supplier(), node.supplier()):
        for _ in range(2):
            log = ReadLog()
            with pytest.raises(MalformedSymbolFileError, match="gzip"):
                ask(supplier, 0x10, log)
            reads.append(log.storage.stored_bytes)
    assert reads == [len(data), 0, 0, 0]
    assert node.kept() == [".index"]


def test_a_damaged_gzip_that_is_replaced_is_read_at_once(node: Node, source: Source) -> None:
    put_by_hand(node, source, gzip.compress(text())[:-9])
    supplier = node.supplier()
    with pytest.raises(MalformedSymbolFileError):
        ask(supplier)
    node.path(source).unlink()  # a new file, as one that is renamed into place
    put_gzip(node, source, text())
    assert name_at(supplier) == "f1"


def test_a_node_that_cannot_keep_anything_answers_all_the_same(node: Node, source: Source) -> None:
    (node.folder / "symbolication").write_text("not a folder")
    put_gzip(node, source, text())
    assert name_at(node.supplier()) == "f1"


def test_several_threads_stream_an_object_once(node: Node, source: Source) -> None:
    put_gzip(node, source, text())
    suppliers = [node.supplier() for _ in range(4)]
    barrier = threading.Barrier(4)

    def look_up(supplier: Supplier) -> ReadLog:
        log = ReadLog()
        barrier.wait()
        assert ask(supplier, 0x10, log) == Symbol("f1", 0, 16, "a.c", 1)
        return log

    with ThreadPoolExecutor(4) as pool:
        logs = list(pool.map(look_up, suppliers))
    assert sum(log.storage.count for log in logs) == 1


def keys_beside(source: Source) -> list[str]:
    return [listed.key for listed in source.bucket.list(source.index_prefix)]


@pytest.mark.parametrize(("put", "stored"), [(put_plain, 1), (put_gzip, 2)])
def test_what_was_made_of_somebody_elses_object_is_stored_beside_it(
    node: Node, source: Source, put, stored: int
) -> None:
    put(node, source, text())
    data = node.path(source).read_bytes()
    assert name_at(node.supplier(source)) == "f1"
    assert len(keys_beside(source)) == stored
    assert node.path(source).read_bytes() == data
    assert node.kept() == []  # the node needs nothing of its own
    node.forget()
    log = ReadLog()
    assert ask(node.supplier(source), 0x100, log) == Symbol("f16", 0, 16, "a.c", 16)
    assert 0 < log.storage.text_bytes < len(text()) // 2
    assert node.kept() == []


def test_nothing_is_stored_beside_an_object_of_a_bucket_that_is_not_ours(
    node: Node, source: Source
) -> None:
    put_gzip(node, source, text())
    ask(node.supplier())
    assert keys_beside(source) == []


@pytest.mark.parametrize("data", [b"\x1f\x8bnot gzip" * 9, gzip.compress(text(), mtime=0)[:-9]])
def test_nothing_is_stored_beside_a_damaged_object(node: Node, source: Source, data: bytes) -> None:
    put_by_hand(node, source, data)
    with pytest.raises(MalformedSymbolFileError):
        ask(node.supplier(source))
    assert keys_beside(source) == []


def test_what_lies_beside_an_object_is_not_used_for_another_version(
    node: Node, source: Source
) -> None:
    put_gzip(node, source, text("old"))
    supplier = node.supplier(source)
    assert name_at(supplier) == "old1"
    node.path(source).unlink()
    put_gzip(node, source, text("new"))
    assert name_at(supplier) == "new1"
    assert name_at(node.supplier(source)) == "new1"
    assert sweep_orphans(source, -60, lambda _: (), Cursor(str, str)) == 2
    assert len(keys_beside(source)) == 2
    node.forget()
    log = ReadLog()
    assert ask(node.supplier(source), 0x10, log) == Symbol("new1", 0, 16, "a.c", 1)
    assert log.storage.text_bytes < len(text("new"))


def zero(path: Path) -> None:
    """What a disk may do that lies."""
    path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("part", ["copy", "index"])
@pytest.mark.parametrize("spoil", [remove, damage, zero])
def test_what_lies_beside_an_object_may_vanish_or_be_damaged(
    node: Node, source: Source, spoil, part: str, opened: bool
) -> None:
    put_gzip(node, source, text())
    ask(node.supplier(source))
    supplier = node.supplier(source)
    if opened:
        supplier.table_of(KEY, ReadLog())
    copy, index = sorted(keys_beside(source), key=lambda key: not key.endswith(".gz"))
    spoil(node.folder / "symbols" / (copy if part == "copy" else index))
    [module] = [(KEY.debug_file, KEY.debug_id)]
    found = symbolicate([Job([module], [[(0, 0x100)]])], supplier)
    assert found[module].symbols[0x100] == Symbol("f16", 0, 16, "a.c", 16)
    assert name_at(node.supplier(source)) == "f1"


def test_a_bucket_that_takes_nothing_is_no_trouble(node: Node, source: Source) -> None:
    put_gzip(node, source, text())
    (node.folder / "symbols" / "v1" / ".index").write_text("not a folder")
    assert name_at(node.supplier(source)) == "f1"
    assert node.kept() == [".index", ".sym.gz"]


def test_a_text_that_is_too_long_for_the_node_is_made_seekable_at_once(
    node: Node, source: Source
) -> None:
    put_gzip(node, source, text())
    small = NodeTier(node.folder / "symbolication", 4 * len(text()) - 4)
    supplier = Supplier(node.sources, MemoryTier(10_000_000), small, node.locator)
    assert name_at(supplier) == "f1"
    assert node.kept() == [".index", ".sym.gz"]


def test_an_answer_does_not_wait_for_the_seekable_copy(node: Node, source: Source) -> None:
    put_gzip(node, source, text())
    waiting: dict[str, Work] = {}
    suppliers = [
        Supplier(
            node.sources,
            MemoryTier(10_000_000),
            node.node_tier,
            node.locator,
            later=waiting.__setitem__,
        )
        for _ in range(2)
    ]
    for supplier in suppliers:  # the second is another process
        assert name_at(supplier) == "f1"
        assert node.kept() == [".text", ".text-index"]
    [finish] = waiting.values()
    finish()
    assert node.kept() == [".index", ".sym.gz"]
    for supplier in (*suppliers, node.supplier()):
        assert ask(supplier, 0x100) == Symbol("f16", 0, 16, "a.c", 16)
