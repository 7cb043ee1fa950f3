# SPDX-License-Identifier: MPL-2.0

import gzip
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.index import SymbolIndex, malformed_index
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.scan import index_as_text, index_stream
from tecken.core.symbols.table import BreakpadTable
from tecken.core.tiers.entry_table import TABLE_FILE
from tecken.core.tiers.node import NodeEntry, NodeTier

TEXT = b"".join(b"FUNC %x0 10 0 f%d\n" % (n, n) for n in range(1, 5_000))
OLD = time.time() - 24 * 3600


def build(write: Callable[[bytes], object], stored: bytes = gzip.compress(TEXT, 1)) -> SymbolIndex:
    return index_stream(BytesIO(stored), write, object_id="id")


build_plain = partial(build, stored=TEXT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "symbolication"


@pytest.fixture
def tier(folder: Path) -> NodeTier:
    return NodeTier(folder, 1_000_000)


def put(tier: NodeTier, identity: str) -> NodeEntry:
    with tier.building(identity):
        return tier.put(identity, build)


def has(tier: NodeTier, identity: str) -> bool:
    return tier.get(identity, ReadLog()) is not None


def function_at(entry: NodeEntry, address: int) -> str:
    assert entry.copy is not None
    table = BreakpadTable(entry.index, BlockReader(entry.index, entry.copy))
    [symbol] = table.lookup([address], ReadLog())
    assert symbol is not None
    return symbol.function


def files(folder: Path, suffix: str) -> list[Path]:
    return sorted(folder.glob(f"*{suffix}"))


def test_what_is_not_there_is_not_found(tier: NodeTier) -> None:
    assert not has(tier, "a")


def test_an_entry_is_found_with_its_copy(tier: NodeTier) -> None:
    assert function_at(put(tier, "a"), 0x100) == "f16"
    entry = tier.get("a", ReadLog())
    assert entry is not None
    assert function_at(entry, 0x13870) == "f4999"
    assert not has(tier, "b")


def test_another_process_finds_it_too(tier: NodeTier, folder: Path) -> None:
    put(tier, "a")
    assert has(NodeTier(folder, 1_000_000), "a")


def test_of_plain_text_only_the_index_is_kept(tier: NodeTier, folder: Path) -> None:
    with tier.building("a"):
        tier.put("a", build_plain)
    entry = tier.get("a", ReadLog())
    assert entry is not None
    assert (entry.index.encoding, entry.copy) == ("identity", None)
    assert not files(folder, ".sym.gz")


def test_reads_of_the_folder_are_noted(tier: NodeTier, folder: Path) -> None:
    put(tier, "a")
    [index] = files(folder, ".index")
    log = ReadLog()
    tier.get("a", log)
    tier.get("b", log)
    assert (log.cache.count, log.cache.stored_bytes) == (2, index.stat().st_size)


def test_nothing_but_entries_and_locks_is_left(tier: NodeTier, folder: Path) -> None:
    put(tier, "a")
    assert {path.suffix for path in folder.iterdir()} == {
        ".gz",
        ".index",
        ".lock",
        ".sqlite3",
        ".sqlite3-journal",
    }
    with pytest.raises(MalformedSymbolFileError), tier.building("b"):
        tier.put("b", partial(build, stored=gzip.compress(TEXT)[:1000]))
    assert not files(folder, ".tmp")
    assert not has(tier, "b")


@pytest.mark.parametrize("damage", [b"", b"TKNIDX99", b"TKNIDX01\x00\x00", None])
def test_a_damaged_index_is_dropped_with_its_copy(
    tier: NodeTier, folder: Path, damage: bytes | None
) -> None:
    put(tier, "a")
    [index] = files(folder, ".index")
    stored = bytearray(index.read_bytes())
    stored[len(stored) // 2] ^= 1
    index.write_bytes(stored if damage is None else damage)
    assert not has(tier, "a")
    assert files(folder, ".index") == files(folder, ".sym.gz") == []


def test_an_entry_whose_copy_is_missing_is_not_found(tier: NodeTier, folder: Path) -> None:
    put(tier, "a")
    files(folder, ".sym.gz")[0].unlink()
    assert not has(tier, "a")
    assert function_at(put(tier, "a"), 0x10) == "f1"


def test_an_entry_whose_copy_has_another_size_is_not_found(tier: NodeTier, folder: Path) -> None:
    put(tier, "a")
    [copy] = files(folder, ".sym.gz")
    os.truncate(copy, 100)
    assert not has(tier, "a")
    assert not copy.exists()


def test_an_entry_that_cannot_be_read_is_not_found(tier: NodeTier, folder: Path) -> None:
    put(tier, "a")
    [index] = files(folder, ".index")
    index.unlink()
    index.mkdir()
    assert not has(tier, "a")


def test_a_dropped_entry_is_gone(tier: NodeTier) -> None:
    put(tier, "a")
    tier.drop("a")
    tier.drop("b")
    assert not has(tier, "a")


def test_an_open_copy_outlives_its_entry(tier: NodeTier) -> None:
    entry = put(tier, "a")
    tier.drop("a")
    assert function_at(entry, 0x100) == "f16"


def build_malformed(_write: Callable[[bytes], object]) -> SymbolIndex:
    return malformed_index("id", 1000, "the gzip data ends too early")


def test_that_an_object_is_malformed_is_kept_for_an_hour(tier: NodeTier, folder: Path) -> None:
    with tier.building("a"):
        tier.put("a", build_malformed)
    for minutes, kept in ((59, True), (61, False)):
        [index] = files(folder, ".index")
        moment = time.time() - 60 * minutes
        os.utime(index, (moment, moment))
        for _ in range(2):  # using it does not make it younger
            entry = tier.get("a", ReadLog())
            assert (entry and entry.index.malformed) == (
                "the gzip data ends too early" if kept else None
            )


def test_an_object_that_can_be_entered_needs_no_copy(tier: NodeTier, folder: Path) -> None:
    with tier.building("a"):
        tier.put("a", build, own_id="id")
    entry = tier.get("a", ReadLog(), "id")
    assert entry is not None
    assert (entry.index.encoding, entry.copy) == ("gzip", None)
    assert not files(folder, ".sym.gz")
    assert tier.get("a", ReadLog(), "other") is None


def keep_blocks(tier: NodeTier, identity: str, size: int = 300_000) -> SymbolIndex:
    index = build(lambda _: None)
    with tier.building(identity):
        tier.put(identity, lambda _: index, own_id="id")
    tier.kept_blocks(identity, index).keep([(50_000_000, b"x" * size)])
    return index


def build_text(write: Callable[[bytes], object], text: bytes = TEXT) -> SymbolIndex:
    return index_as_text(BytesIO(gzip.compress(text, 1)), write, object_id="id")


def put_text(tier: NodeTier, identity: str) -> NodeEntry:
    with tier.building(identity):
        entry = tier.put_text(identity, build_text)
    assert entry is not None
    return entry


def get(tier: NodeTier, identity: str) -> NodeEntry:
    entry = tier.get(identity, ReadLog())
    assert entry is not None
    return entry


def test_the_text_is_an_entry_until_it_is_compacted(tier: NodeTier, folder: Path) -> None:
    before = put_text(tier, "a")
    waiting = get(tier, "a")
    assert (waiting.as_text, function_at(waiting, 0x100)) == (True, "f16")
    tier.compact("a")
    compacted = get(tier, "a")
    assert (compacted.as_text, function_at(compacted, 0x13870)) == (False, "f4999")
    assert compacted.index.encoding == "gzip"
    assert {path.suffix for path in folder.iterdir()} == {
        ".gz",
        ".index",
        ".lock",
        ".sqlite3",
        ".sqlite3-journal",
    }
    assert function_at(before, 0x100) == "f16"  # who has it open can go on reading


def test_an_entry_is_there_at_each_moment_of_being_compacted(tier: NodeTier) -> None:
    with ThreadPoolExecutor(1) as pool:
        for _ in range(20):
            put_text(tier, "a")
            compacting = pool.submit(tier.compact, "a")
            while not compacting.done():
                get(tier, "a")
            tier.drop("a")


def test_what_is_not_there_or_seekable_already_is_not_compacted(tier: NodeTier) -> None:
    put(tier, "a")
    assert tier.compact("a") is tier.compact("b") is None
    assert function_at(get(tier, "a"), 0x100) == "f16"


def test_a_damaged_text_is_dropped_when_it_is_compacted(tier: NodeTier, folder: Path) -> None:
    put_text(tier, "a")
    [text] = files(folder, ".text")
    text.write_bytes(text.read_bytes().replace(b"FUNC 100", b"FUNC 101"))
    assert tier.compact("a") is None
    assert not has(tier, "a")
    assert not files(folder, ".tmp")


def test_a_text_takes_at_most_a_quarter_of_the_folder(folder: Path) -> None:
    for max_bytes, kept in ((4 * len(TEXT), True), (4 * len(TEXT) - 4, False)):
        tier = NodeTier(folder, max_bytes)
        with tier.building("a"):
            entry = tier.put_text("a", build_text)
        assert ((entry is not None), has(tier, "a")) == (kept, kept)
        assert not files(folder, ".tmp")
        tier.drop("a")


def test_where_the_folder_cannot_be_used_no_text_is_kept(folder: Path) -> None:
    folder.write_text("not a folder")
    assert NodeTier(folder, 1_000_000).put_text("a", build_text) is None


@pytest.mark.parametrize("stored", [TEXT, gzip.compress(TEXT, mtime=0)[:-9]])
def test_an_object_that_needs_no_copy_is_a_plain_entry(
    tier: NodeTier, folder: Path, stored: bytes
) -> None:
    def build_entry(write: Callable[[bytes], object]) -> SymbolIndex:
        try:
            return index_as_text(BytesIO(stored), write, object_id="id")
        except MalformedSymbolFileError as error:
            return malformed_index("id", len(stored), error.reason)

    with tier.building("a"):
        assert tier.put_text("a", build_entry) is not None
    assert (get(tier, "a").copy, get(tier, "a").as_text) == (None, False)
    assert {path.suffix for path in folder.iterdir()} == {
        ".index",
        ".lock",
        ".sqlite3",
        ".sqlite3-journal",
    }


def test_a_text_that_a_killed_process_left_beside_its_seekable_form_is_deleted(
    tier: NodeTier, folder: Path
) -> None:
    put_text(tier, "a")
    put(tier, "a")
    for path in (*files(folder, ".text"), *files(folder, ".text-index")):
        os.utime(path, (OLD, OLD))
    was_looked_through(folder, 0)
    put(tier, "b")
    assert not files(folder, ".text")
    assert not files(folder, ".text-index")
    assert not get(tier, "a").as_text


def test_texts_count_and_are_dropped_with_their_entry(folder: Path) -> None:
    tier = NodeTier(folder, 4 * len(TEXT))
    for number, name in enumerate("abcde"):
        put_text(tier, name)
        for index in files(folder, ".text-index"):
            os.utime(index, (index.stat().st_mtime - 100,) * 2)
        assert len(files(folder, ".text")) == min(number + 1, 3)
    assert [name for name in "abcde" if has(tier, name)] == ["c", "d", "e"]


def test_kept_blocks_count_and_the_holes_between_them_do_not(folder: Path) -> None:
    tier = NodeTier(folder, 1_000_000)
    for number, name in enumerate("abcd"):
        keep_blocks(tier, name)
        for index in files(folder, ".index"):
            os.utime(index, (index.stat().st_mtime - 100,) * 2)
        assert len(files(folder, ".blocks")) == min(number + 1, 3)
    assert tier.get("a", ReadLog(), "id") is None


def test_blocks_that_are_read_keep_their_entry_young(folder: Path) -> None:
    tier = NodeTier(folder, 1_000_000)
    first = keep_blocks(tier, "a")
    for name in "bcd":
        for index in files(folder, ".index"):
            os.utime(index, (index.stat().st_mtime - 100,) * 2)
        assert tier.kept_blocks("a", first).read([(50_000_000, 50_000_001)]) == [b"x"]
        keep_blocks(tier, name)
    kept = [name for name in "abcd" if tier.get(name, ReadLog(), "id") is not None]
    assert kept == ["a", "c", "d"]


def test_blocks_that_are_kept_bring_their_index_back(tier: NodeTier, folder: Path) -> None:
    index = keep_blocks(tier, "a")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    kept = tier.kept_blocks("a", index)
    kept.keep([(0, b"new")])
    assert kept.read([(0, 3)]) == [b"new"]
    assert tier.get("a", ReadLog(), "id") is not None


def test_a_dropped_entry_has_no_blocks_any_more(tier: NodeTier, folder: Path) -> None:
    keep_blocks(tier, "a")
    tier.drop("a")
    assert not files(folder, ".blocks")


def age(folder: Path, tier: NodeTier, identity: str, seconds: int) -> None:
    before = set(files(folder, ".index"))
    put(tier, identity)
    [index] = set(files(folder, ".index")) - before
    moment = time.time() - seconds
    os.utime(index, (moment, moment))


def test_entries_used_longest_ago_go_first(folder: Path) -> None:
    size = size_of_one_entry(folder.with_name("measured"))
    tier = NodeTier(folder, 2 * size + 100)
    age(folder, tier, "a", 300)
    age(folder, tier, "b", 200)
    assert has(tier, "a")  # which makes it the youngest
    put(tier, "c")
    assert [name for name in "abc" if has(tier, name)] == ["a", "c"]
    assert len(files(folder, ".sym.gz")) == 2


def size_of_one_entry(folder: Path) -> int:
    put(NodeTier(folder, 1_000_000), "a")
    return bytes_of_entries(folder)


def bytes_of_entries(folder: Path) -> int:
    return sum(path.stat().st_size for kind in (".index", ".gz") for path in files(folder, kind))


def test_the_newest_entry_stays_even_if_it_is_too_large(folder: Path) -> None:
    tier = NodeTier(folder, 1)
    age(folder, tier, "a", 300)
    put(tier, "b")
    assert [name for name in "ab" if has(tier, name)] == ["b"]


def was_looked_through(folder: Path, when: float) -> None:
    """Let the folder have been looked through then, for the last time; 0: never."""
    with closing(sqlite3.connect(folder / TABLE_FILE)) as table, table:
        table.execute("UPDATE folder SET scanned = ?", [when])


def leave(folder: Path, name: str, modified: float) -> Path:
    path = folder / name
    path.write_bytes(b"x" * 600_000)
    os.utime(path, (modified, modified))
    return path


def test_what_a_killed_process_left_is_deleted_and_drives_no_entry_out(
    tier: NodeTier, folder: Path
) -> None:
    age(folder, tier, "a", 7200)
    names = ("0f.12ab.tmp", "0f.sym.gz", "0e.blocks", "0d.text")
    left = [leave(folder, name, OLD) for name in names]
    was_looked_through(folder, 0)
    put(tier, "b")
    assert not any(path.exists() for path in left)
    assert [name for name in "ab" if has(tier, name)] == ["a", "b"]


def test_what_another_process_is_writing_stays(tier: NodeTier, folder: Path) -> None:
    put(tier, "a")
    writing = [leave(folder, "0f.12ab.tmp", time.time()), leave(folder, "0f.sym.gz", time.time())]
    was_looked_through(folder, 0)
    put(tier, "b")
    assert all(path.exists() for path in writing)


def test_the_folder_may_vanish_at_any_moment(tier: NodeTier, folder: Path) -> None:
    entry = put(tier, "a")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert not has(tier, "a")
    assert function_at(entry, 0x100) == "f16"
    assert function_at(put(tier, "a"), 0x100) == "f16"
    assert has(tier, "a")


def test_where_the_folder_cannot_be_used_an_entry_lives_as_long_as_its_user(folder: Path) -> None:
    folder.write_text("not a folder")
    tier = NodeTier(folder, 1_000_000)
    assert function_at(put(tier, "a"), 0x100) == "f16"
    assert not has(tier, "a")
    tier.drop("a")


def test_one_of_several_threads_builds_while_the_others_wait(tier: NodeTier) -> None:
    inside = threading.Lock()
    builds: list[int] = []

    def build_once(number: int) -> str:
        with tier.building("a"):
            assert inside.acquire(blocking=False)
            entry = tier.get("a", ReadLog())
            if entry is None:
                builds.append(number)
                entry = tier.put("a", build)
            inside.release()
            return function_at(entry, 0x100)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(build_once, range(4))) == ["f16"] * 4
    assert len(builds) == 1


def test_what_all_entries_take_is_known_without_looking_at_them(
    tier: NodeTier, folder: Path
) -> None:
    assert tier.taken_bytes() == 0
    put(tier, "a")
    kept = sum(path.stat().st_size for kind in (".index", ".gz") for path in files(folder, kind))
    assert tier.taken_bytes() == kept > 0
    tier.drop("a")
    assert tier.taken_bytes() == 0
    (folder / "entries.sqlite3").write_bytes(b"damaged")
    with pytest.raises(OSError, match="cannot be read"):
        tier.taken_bytes()
