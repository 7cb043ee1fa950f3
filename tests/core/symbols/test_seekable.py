# SPDX-License-Identifier: MPL-2.0

import gzip
import zlib
from itertools import pairwise

import pytest
from tests.core.symbols.conftest import FILLER, STACK_LINE, seekable

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.blocks import MAX_BLOCK_BYTES
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.records import ModuleRecord
from tecken.core.symbols.seekable import PlainIndexer, SeekableWriter, compress_text, inflate_block

MODULE = b"MODULE Linux x86_64 1A0DF793E38A8E4F63C223F1500327FB0 libc.so.6\nINFO CODE_ID F793\n"
FUNCTIONS = b"".join(b"FUNC %x0 10 0 f%d\n%x0 10 1 1\n" % (n, n, n) for n in range(5_000))
HUGE_FUNCTION = b"FUNC 0 ffffff 0 huge\n" + b"10 10 1 1\n" * 60_000
TEXTS = {
    "nothing": b"",
    "one byte": b"x",
    "functions": MODULE + FUNCTIONS,
    "no records": MODULE + STACK_LINE * 12_000,
    "a huge line": MODULE + b"FILE 0 " + b"y" * 2 * MAX_BLOCK_BYTES + b"\n" + FUNCTIONS,
    "a huge function": MODULE + HUGE_FUNCTION + FUNCTIONS,
    "zeros": b"\x00" * 1_000_000,
}

texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


@texts
def test_the_object_is_one_ordinary_gzip_member(text: bytes) -> None:
    stored, index = seekable(text)
    inflater = zlib.decompressobj(31)
    assert inflater.decompress(stored) == text
    assert (inflater.eof, inflater.unused_data) == (True, b"")
    assert gzip.decompress(stored) == text
    assert (index.object_size, index.text_size) == (len(stored), len(text))


@texts
def test_inflation_can_start_at_every_block(text: bytes) -> None:
    stored, index = seekable(text)
    table = index.table
    blocks = [
        zlib.decompressobj(-15).decompress(stored[table.offsets[n] : table.offsets[n + 1]])
        for n in range(len(table))
    ]
    assert b"".join(blocks) == text
    assert [len(block) for block in blocks] == list(table.text_sizes)
    assert [zlib.crc32(block) for block in blocks] == list(table.checksums)


def test_the_same_text_gives_the_same_object_however_it_is_fed() -> None:
    text = TEXTS["a huge function"]
    chunks = [text[at : at + 9_999] for at in range(0, len(text), 9_999)]
    assert seekable(*chunks) == seekable(text)


def test_the_index_knows_the_head_of_the_file_and_the_object_it_belongs_to() -> None:
    _, index = seekable(MODULE, FUNCTIONS, object_id="9f86d081")
    assert index.object_id == "9f86d081"
    assert index.encoding == "gzip"
    assert index.head.code_id == "F793"
    assert index.head.module == ModuleRecord(
        "Linux", "x86_64", "1A0DF793E38A8E4F63C223F1500327FB0", "libc.so.6"
    )


def test_what_is_written_is_written_while_the_text_comes_in() -> None:
    written: list[bytes] = []
    writer = SeekableWriter(written.append, object_id="id")
    for _ in range(20):
        before = len(written)
        writer.feed(FILLER * 20)
        assert len(written) > before


def test_plain_text_is_indexed_where_it_is() -> None:
    text = TEXTS["a huge function"]
    indexer = PlainIndexer(object_id="id")
    for at in range(0, len(text), 100_000):
        indexer.feed(text[at : at + 100_000])
    index = indexer.finish()
    _, compressed = seekable(text)
    assert (index.encoding, index.table.offsets[0]) == ("identity", 0)
    assert index.object_size == index.text_size == len(text)
    assert index.table.sizes == compressed.table.text_sizes
    assert index.table.checksums == compressed.table.checksums
    assert (index.symbols, index.files, index.head) == (
        compressed.symbols,
        compressed.files,
        compressed.head,
    )


def index_plain(text: bytes) -> SymbolIndex:
    indexer = PlainIndexer(object_id="id")
    indexer.feed(text)
    return indexer.finish()


def blocks_of(text: bytes, index: SymbolIndex) -> list[bytes]:
    return [text[start:end] for start, end in pairwise(index.table.offsets)]


@pytest.mark.parametrize("text", [b"", *TEXTS.values()])
def test_a_text_that_was_indexed_becomes_seekable_as_if_it_were_written_anew(text: bytes) -> None:
    of_text, written = index_plain(text), []
    index = compress_text(of_text, blocks_of(text, of_text), written.append, object_id="new")
    stored, expected = seekable(text, object_id="new")
    assert b"".join(written) == stored
    assert index == expected


def test_a_text_that_is_not_the_one_that_was_indexed_is_malformed() -> None:
    text = TEXTS["a huge function"]
    of_text = index_plain(text)
    blocks = blocks_of(text, of_text)
    blocks[-1] = blocks[-1].replace(b"1", b"2")
    with pytest.raises(MalformedSymbolFileError, match="checksum"):
        compress_text(of_text, blocks, lambda _: None, object_id="new")


def test_a_block_that_is_not_deflated_data_is_malformed() -> None:
    with pytest.raises(MalformedSymbolFileError, match="cannot be inflated"):
        inflate_block(b"\xff" * 20, 100)


@pytest.mark.parametrize("size", [0, 5, len(FILLER) - 1, len(FILLER) + 1])
def test_a_block_of_another_size_is_malformed(size: int) -> None:
    stored, index = seekable(FILLER)
    block = stored[index.table.offsets[0] : index.table.offsets[1]]
    assert inflate_block(block, len(FILLER)) == FILLER
    with pytest.raises(MalformedSymbolFileError, match="another size"):
        inflate_block(block, size)
