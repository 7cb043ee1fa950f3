# SPDX-License-Identifier: MPL-2.0

"""Where suppliers find symbol tables, and when they look again."""

import gzip
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.supplied_nodes import (
    KEY,
    Node,
    ask,
    damage,
    every_kind,
    name_at,
    put_gzip,
    put_own,
    put_plain,
    remove,
    swap,
    text,
    upload,
)

from tecken.core.errors import (
    MalformedSymbolFileError,
    ObjectChangedError,
    ObjectNotFoundError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Content
from tecken.core.storage.sources import Source, open_source
from tecken.core.symbols.lookup import ReadLog, Symbol
from tecken.core.table_suppliers import Supplier
from tecken.core.tiers.memory import MemoryTier


@every_kind
def test_an_object_of_every_kind_is_looked_up(node: Node, source: Source, put) -> None:
    put(node, source, text())
    supplier = node.supplier()
    assert ask(supplier, 0x13878) == Symbol("f4999", 8, 16, "a.c", 4999)
    assert ask(supplier, 0xF) is None


def test_of_an_uploaded_object_only_index_and_blocks_are_read(node: Node, source: Source) -> None:
    upload(source, text(functions=50_000))
    log = ReadLog()
    ask(node.supplier(), 0x100, log)
    assert (log.storage.count, log.cache.count) == (3, 0)
    assert log.storage.stored_bytes < node.path(source).stat().st_size // 10
    assert node.kept() == []


def index_path(node: Node, source: Source) -> Path:
    [path] = (node.folder / "symbols" / "v1" / ".index").rglob("[0-9a-f]" * 32)
    return path


@pytest.mark.parametrize("spoil", [remove, damage, swap])
def test_without_an_index_that_fits_an_uploaded_object_is_streamed(
    node: Node, source: Source, spoil
) -> None:
    upload(source, text())
    spoil(index_path(node, source))
    log = ReadLog()
    assert ask(node.supplier(), 0x100, log) == Symbol("f16", 0, 16, "a.c", 16)
    assert log.storage.text_bytes == len(text())
    assert node.kept() == [".index", ".sym.gz"]


def test_an_odd_object_id_names_no_index(node: Node, source: Source) -> None:
    content = Content("text/plain", "gzip", {"object_id": "../../x"})
    source.bucket.put(source.object_key(KEY), gzip.compress(text()), content)
    assert name_at(node.supplier()) == "f1"


@every_kind
def test_an_opened_table_stays_in_memory(node: Node, source: Source, put) -> None:
    put(node, source, text())
    supplier = node.supplier()
    table = supplier.table_of(KEY, ReadLog())
    assert supplier.table_of(KEY, ReadLog()) is table


def test_trimming_bounds_the_memory(node: Node, source: Source) -> None:
    other = SymbolKey.of_module("other.pdb", "ABC")
    upload(source, text())
    upload(source, text(), other)
    supplier = Supplier(node.sources, MemoryTier(1), node.node_tier, node.locator)
    table = supplier.table_of(KEY, ReadLog())
    supplier.table_of(other, ReadLog())
    supplier.trim()
    assert supplier.table_of(KEY, ReadLog()) is not table


@every_kind
@pytest.mark.parametrize("put_before", [put_own, put_plain, put_gzip])
def test_a_replaced_object_is_seen_at_once(node: Node, source: Source, put, put_before) -> None:
    put_before(node, source, text("old"))
    supplier = node.supplier()
    assert name_at(supplier) == "old1"
    if put is not put_own:
        node.path(source).unlink()  # a new file, as one that is renamed into place
    put(node, source, text("new", 4_000))
    assert name_at(supplier) == "new1"


@pytest.mark.parametrize("put", [put_own, put_plain])
def test_an_object_replaced_before_its_blocks_are_read_has_changed(
    node: Node, source: Source, put
) -> None:
    put(node, source, text("old"))
    supplier = node.supplier()
    table = supplier.table_of(KEY, ReadLog())
    upload(source, text("new"))
    with pytest.raises(ObjectChangedError):
        table.lookup([0x10], ReadLog())
    assert name_at(supplier) == "new1"


def test_an_object_deleted_before_its_blocks_are_read_is_not_found(
    node: Node, source: Source
) -> None:
    upload(source, text())
    supplier = node.supplier()
    table = supplier.table_of(KEY, ReadLog())
    source.bucket.delete(source.object_key(KEY))
    with pytest.raises(ObjectChangedError):  # another source may have it
        table.lookup([0x10], ReadLog())
    with pytest.raises(ObjectNotFoundError):
        supplier.table_of(KEY, ReadLog())


def test_a_damaged_block_of_an_uploaded_object_is_malformed(node: Node, source: Source) -> None:
    upload(source, text())
    path = node.path(source)
    with path.open("r+b") as file:
        file.seek(20)
        file.write(b"\x00" * 100)
    index = index_path(node, source)
    # The object's sidecar no longer fits; what is tested is a disk that lies.
    content = Content("text/plain", "gzip", {"object_id": index.name})
    source.bucket.put(source.object_key(KEY), path.read_bytes(), content)
    with pytest.raises(MalformedSymbolFileError):
        ask(node.supplier())


def test_the_nodes_folder_may_vanish(node: Node, source: Source) -> None:
    put_gzip(node, source, text())
    ask(node.supplier())
    supplier = node.supplier()
    shutil.rmtree(node.folder / "symbolication")
    assert name_at(supplier) == "f1"


def test_threads_that_come_at_once_share_a_table_and_what_is_read_of_it(
    node: Node, source: Source
) -> None:
    put_gzip(node, source, text())
    supplier, barrier = node.supplier(), threading.Barrier(4)

    def look_up(_: int) -> tuple[int, ReadLog]:
        log = ReadLog()
        barrier.wait()
        table = supplier.table_of(KEY, log)
        table.lookup([0x10], log)
        return id(table), log

    with ThreadPoolExecutor(4) as pool:
        tables, logs = zip(*pool.map(look_up, range(4)), strict=True)
    assert len(set(tables)) == 1
    assert sum(log.storage.count for log in logs) == 1
    # The block of the function and that of the name of its file are the same.
    assert sum(log.cache.text_bytes for log in logs) < 2 * 256 * 1024


def test_try_symbols_lie_apart_and_override_nothing(node: Node, source: Source) -> None:
    try_source = open_source(f"{source.url}?prefix=try", "v1")
    node.sources.append(try_source)
    upload(try_source, text("try"))
    supplier = node.supplier()
    assert name_at(supplier) == "try1"
    upload(source, text("regular"))
    assert name_at(supplier) == "regular1"


def test_a_miss_is_remembered_until_the_key_is_uploaded(node: Node, source: Source) -> None:
    supplier = node.supplier()
    not_found = pytest.raises(ObjectNotFoundError, match="all sources")
    with not_found:
        ask(supplier)
    put_plain(node, source, text())
    with not_found:
        ask(supplier)
    node.generations.raise_([str(KEY)])  # in another process
    assert name_at(supplier) == "f1"
