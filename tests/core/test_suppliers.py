# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import gzip
import hashlib
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tecken.core import places as places_module
from tecken.core.errors import (
    MalformedSymbolFileError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageUnavailableError,
)
from tecken.core.generations import FileGenerations
from tecken.core.identifiers import SymbolKey
from tecken.core.later import Job as Work
from tecken.core.storage.base import Content
from tecken.core.storage.sources import Source, open_source
from tecken.core.storing import Digest, StoringRules, store
from tecken.core.suppliers import Supplier
from tecken.core.sweeping import sweep_orphans
from tecken.core.symbolicate import Job, symbolicate
from tecken.core.symbols.lookup import ReadLog, Symbol
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeTier
from tecken.core.written_back import WrittenBack

KEY = SymbolKey.of_module("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2")
RULES = StoringRules(frozenset({"sym"}), {"sym": "text/plain"})


def text(name: str = "f", functions: int = 5_000) -> bytes:
    records = (f"FUNC {n:x}0 10 0 {name}{n}\n{n:x}0 10 {n} 1\n" for n in range(1, functions))
    return ("FILE 1 a.c\n" + "".join(records)).encode()


@dataclass
class Node:
    """Sources in folders, and what one node keeps; ``supplier`` is that of a new process."""

    folder: Path
    sources: list[Source] = field(default_factory=list)

    def supplier(self, *ours: Source) -> Supplier:
        """``ours`` are sources that may be written to."""
        return Supplier(
            self.sources,
            MemoryTier(10_000_000),
            self.node_tier,
            self.generations,
            written=WrittenBack({source.name: source for source in ours}),
        )

    def forget(self) -> None:
        """Lose what the node keeps."""
        shutil.rmtree(self.folder / "symbolication", ignore_errors=True)

    @property
    def node_tier(self) -> NodeTier:
        return NodeTier(self.folder / "symbolication", 10_000_000)

    @property
    def generations(self) -> FileGenerations:
        return FileGenerations(self.folder / "generations")

    def add_source(self, name: str) -> Source:
        (self.folder / name).mkdir()
        source = open_source((self.folder / name).as_uri(), "v1")
        self.sources.append(source)
        return source

    def kept(self) -> list[str]:
        """The kinds of files that the node's tier holds."""
        folder = self.folder / "symbolication"
        return sorted("".join(path.suffixes) for path in folder.glob("*[!k]"))

    def path(self, source: Source, key: SymbolKey = KEY) -> Path:
        return self.folder / source.bucket.name / source.object_key(key)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


@pytest.fixture
def source(node: Node) -> Source:
    return node.add_source("symbols")


def upload(source: Source, data: bytes, key: SymbolKey = KEY) -> None:
    """Store a symbol file as uploads do."""
    digest = Digest(len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())
    store(source, key, [data], digest, RULES)


def put_by_hand(node: Node, source: Source, data: bytes) -> None:
    """Put a file into a bucket as somebody else may."""
    path = node.path(source)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


put_plain = put_by_hand


def put_gzip(node: Node, source: Source, data: bytes) -> None:
    put_by_hand(node, source, gzip.compress(data, 1))


def put_own(_node: Node, source: Source, data: bytes) -> None:
    upload(source, data)


every_kind = pytest.mark.parametrize("put", [put_own, put_plain, put_gzip])


def ask(supplier: Supplier, address: int = 0x10, log: ReadLog | None = None) -> Symbol | None:
    log = log or ReadLog()
    [symbol] = supplier.table_of(KEY, log).lookup([address], log)
    return symbol


def name_at(supplier: Supplier, address: int = 0x10) -> str | None:
    symbol = ask(supplier, address)
    return symbol and symbol.function


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


def remove(path: Path) -> None:
    path.unlink()


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def swap(path: Path) -> None:
    """Put the index of another object in its place."""
    other = open_source(path.parents[5].as_uri(), "v2")
    upload(other, text("other"))
    [index] = (path.parents[5] / "v2" / ".index").rglob("[0-9a-f]" * 32)
    path.write_bytes(index.read_bytes())


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
    supplier = Supplier(node.sources, MemoryTier(1), node.node_tier, node.generations)
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
    with pytest.raises(ObjectNotFoundError):
        table.lookup([0x10], ReadLog())
    with pytest.raises(ObjectNotFoundError):
        supplier.table_of(KEY, ReadLog())


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


@pytest.mark.parametrize("data", [b"\x1f\x8bnot gzip" * 9, gzip.compress(text())[:-9]])
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


def test_the_nodes_folder_may_vanish(node: Node, source: Source) -> None:
    put_gzip(node, source, text())
    ask(node.supplier())
    supplier = node.supplier()
    shutil.rmtree(node.folder / "symbolication")
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


@pytest.mark.parametrize("data", [b"\x1f\x8bnot gzip" * 9, gzip.compress(text())[:-9]])
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
    assert sweep_orphans(source, -60) == 2
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
    supplier = Supplier(node.sources, MemoryTier(10_000_000), small, node.generations)
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
            node.generations,
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


def test_sources_are_asked_in_order(node: Node) -> None:
    first, second, third = (node.add_source(name) for name in ("first", "second", "third"))
    supplier = node.supplier()
    for source in (third, second, first):
        upload(source, text(source.bucket.name))
        node.generations.raise_([str(KEY)])
        assert name_at(supplier) == f"{source.bucket.name}1"


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


def test_a_miss_is_remembered_for_a_minute(
    node: Node, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert places_module.NOT_FOUND_SECONDS == 60
    # The real part that is missing is the minute.
    monkeypatch.setattr(places_module, "NOT_FOUND_SECONDS", 0)
    supplier = node.supplier()
    with pytest.raises(ObjectNotFoundError):
        ask(supplier)
    put_plain(node, source, text())
    assert name_at(supplier) == "f1"


def test_only_so_many_misses_are_remembered(
    node: Node, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The real limit is 100,000 keys, which takes seconds.
    monkeypatch.setattr(places_module, "_MAX_REMEMBERED_MISSES", 3)
    supplier = node.supplier()
    for key in (KEY, *(SymbolKey.of_module("xul.pdb", f"{number}") for number in range(3))):
        with pytest.raises(ObjectNotFoundError):
            supplier.table_of(key, ReadLog())
    put_plain(node, source, text())
    assert name_at(supplier) == "f1"


def test_a_source_that_cannot_be_asked_is_no_miss(node: Node, source: Source) -> None:
    supplier = node.supplier()
    folder = node.folder / "symbols"
    upload(source, text())
    folder.rename(node.folder / "away")
    for _ in range(2):
        with pytest.raises(StorageUnavailableError):
            ask(supplier)
    (node.folder / "away").rename(folder)
    assert name_at(supplier) == "f1"


@pytest.mark.parametrize(("vanished", "answers"), [("first", False), ("last", True)])
def test_trouble_counts_only_before_a_source_that_has_the_file(
    node: Node, vanished: str, answers: bool
) -> None:
    for name in ("first", "middle", "last"):
        node.add_source(name)
    upload(node.sources[1], text())
    (node.folder / vanished).rmdir()
    supplier = node.supplier()
    if answers:
        assert name_at(supplier) == "f1"
    else:
        with pytest.raises(StorageUnavailableError, match="first"):
            ask(supplier)
