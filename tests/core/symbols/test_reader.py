# SPDX-License-Identifier: MPL-2.0

from typing import NoReturn

import pytest
from tests.core.symbols.conftest import FILLER, Stored, seekable

from tecken.core.errors import MalformedSymbolFileError, ObjectChangedError
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.seekable import PlainIndexer

BLOCKS = [FILLER[:-1], *[b"\n" + FILLER[:-1]] * 6]
TEXT = b"".join(BLOCKS)
STORED, INDEX = seekable(TEXT)


def test_neighbours_are_read_as_one_range() -> None:
    read_ranges = Stored(STORED)
    offsets = INDEX.table.offsets
    texts = BlockReader(INDEX, read_ranges).read([5, 2, 1, 2], ReadLog())
    assert texts == {number: BLOCKS[number] for number in (1, 2, 5)}
    assert read_ranges.ranges == [(offsets[1], offsets[3]), (offsets[5], offsets[6])]


def test_the_first_block_gets_the_line_feed_that_all_others_have() -> None:
    texts = BlockReader(INDEX, Stored(STORED)).read([0, 1], ReadLog())
    assert texts == {0: b"\n" + BLOCKS[0], 1: BLOCKS[1]}


def test_plain_text_is_read_as_it_is() -> None:
    indexer = PlainIndexer(object_id="id")
    indexer.feed(TEXT)
    texts = BlockReader(indexer.finish(), Stored(TEXT)).read([0, 6], ReadLog())
    assert texts == {0: b"\n" + BLOCKS[0], 6: BLOCKS[6]}


def test_reads_of_storage_are_noted() -> None:
    log = ReadLog()
    BlockReader(INDEX, Stored(STORED)).read([1, 3], log)
    assert (log.storage.count, log.cache.count) == (1, 0)
    assert log.storage.stored_bytes == INDEX.table.sizes[1] + INDEX.table.sizes[3]
    assert log.storage.text_bytes == len(BLOCKS[1]) + len(BLOCKS[3])


def drop_copy(_log: ReadLog) -> NoReturn:
    raise ObjectChangedError("symbols", "key")


def test_reads_of_a_cached_copy_are_noted_apart() -> None:
    log = ReadLog()
    BlockReader(INDEX, Stored(STORED), drop_copy, cached=True).read([1], log)
    assert (log.storage.count, log.cache.count) == (0, 1)


def damaged(position: int) -> Stored:
    stored = bytearray(STORED)
    stored[position] ^= 0xFF
    return Stored(bytes(stored))


def test_damage_in_any_byte_of_a_block_is_noticed() -> None:
    start, end = INDEX.table.offsets[1:3]
    assert end - start < 500
    for position in range(start, end):
        with pytest.raises(MalformedSymbolFileError):
            BlockReader(INDEX, damaged(position)).read([1], ReadLog())


def test_damage_in_plain_text_is_noticed() -> None:
    indexer = PlainIndexer(object_id="id")
    indexer.feed(TEXT)
    reader = BlockReader(indexer.finish(), Stored(TEXT.replace(b"FILE", b"file", 1)))
    assert reader.read([1], ReadLog()) == {1: BLOCKS[1]}
    with pytest.raises(MalformedSymbolFileError, match="block 0 does not match its checksum"):
        reader.read([0], ReadLog())


def test_an_object_that_is_too_short_is_noticed() -> None:
    with pytest.raises(MalformedSymbolFileError):
        BlockReader(INDEX, Stored(STORED[:100])).read([6], ReadLog())


def test_a_damaged_copy_is_dropped() -> None:
    reader = BlockReader(INDEX, damaged(INDEX.table.offsets[2] + 5), drop_copy)
    assert reader.read([1], ReadLog()) == {1: BLOCKS[1]}
    with pytest.raises(ObjectChangedError):
        reader.read([1, 2], ReadLog())
