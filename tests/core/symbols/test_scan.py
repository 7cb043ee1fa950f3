# SPDX-License-Identifier: MPL-2.0

import gzip
import os
from io import BytesIO

import pytest
from tests.core.symbols.conftest import Stored

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.scan import gunzip, index_as_text, index_stream
from tecken.core.symbols.table import BreakpadTable

TEXT = b"MODULE Linux x86_64 ABC a.so\n" + b"".join(
    b"FUNC %x 10 0 f%d\n" % (16 * n, n) for n in range(20_000)
)
SMALL = b"FUNC 10 10 0 f\n" * 5


class Drops:
    """A stream that gives a few bytes at a time, as a connection may."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream = BytesIO(data)
        self._size = size

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._size))


def text_of(stored: bytes) -> bytes:
    return b"".join(gunzip(BytesIO(stored)))


@pytest.mark.parametrize("drop", [1_000_000, 7_000])
def test_plain_text_is_indexed_and_not_copied(drop: int) -> None:
    copy: list[bytes] = []
    index = index_stream(Drops(TEXT, drop), copy.append, object_id="id")
    assert (index.encoding, index.text_size, copy) == ("identity", len(TEXT), [])
    table = BreakpadTable(index, BlockReader(index, Stored(TEXT)))
    [symbol] = table.lookup([0x10 * 19_999 + 1], ReadLog())
    assert symbol is not None
    assert symbol.function == "f19999"


@pytest.mark.parametrize("drop", [1_000_000, 7_000])
@pytest.mark.parametrize("level", [1, 9])
def test_of_gzip_a_seekable_copy_is_made(level: int, drop: int) -> None:
    copy: list[bytes] = []
    stream = Drops(gzip.compress(TEXT, level), drop)
    index = index_stream(stream, copy.append, object_id="id")
    stored = b"".join(copy)
    assert (index.encoding, index.object_size) == ("gzip", len(stored))
    assert gzip.decompress(stored) == TEXT
    table = BreakpadTable(index, BlockReader(index, Stored(stored)))
    [symbol] = table.lookup([0x10 * 12_345], ReadLog())
    assert symbol is not None
    assert symbol.function == "f12345"


@pytest.mark.parametrize("drop", [1_000_000, 7_000])
def test_of_gzip_the_text_is_the_quicker_copy(drop: int) -> None:
    copy: list[bytes] = []
    index = index_as_text(Drops(gzip.compress(TEXT), drop), copy.append, object_id="id")
    assert (index.encoding, index.object_size, b"".join(copy)) == ("identity", len(TEXT), TEXT)
    assert index == index_stream(BytesIO(TEXT), copy.append, object_id="id")


def test_plain_text_is_not_copied_as_text_either() -> None:
    copy: list[bytes] = []
    assert index_as_text(BytesIO(TEXT), copy.append, object_id="id").text_size == len(TEXT)
    assert copy == []


def test_trouble_with_the_copy_of_a_text_comes_through() -> None:
    def write(_: bytes) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        index_as_text(BytesIO(gzip.compress(TEXT)), write, object_id="id")


def test_a_damaged_gzip_is_malformed_as_text_too() -> None:
    with pytest.raises(MalformedSymbolFileError, match="ends too early"):
        index_as_text(BytesIO(gzip.compress(TEXT)[:-5]), lambda _: None, object_id="id")


def test_gzip_that_comes_byte_by_byte_is_still_gzip() -> None:
    index = index_stream(Drops(gzip.compress(SMALL), 1), lambda _: None, object_id="id")
    assert (index.encoding, index.text_size) == ("gzip", len(SMALL))


@pytest.mark.parametrize("text", [b"", b"F", b"FUNC 1 1 0 f"])
def test_the_shortest_texts_are_plain(text: bytes) -> None:
    assert index_stream(Drops(text, 1), lambda _: None, object_id="id").text_size == len(text)


def test_members_follow_each_other_and_zeros_are_padding() -> None:
    member = gzip.compress(TEXT, 1)
    assert text_of(member + gzip.compress(b"") + member + b"\x00" * 1000) == TEXT * 2
    assert text_of(member + b"\x00" * 600_000) == TEXT


def test_text_comes_in_bounded_chunks_however_well_it_is_compressed() -> None:
    bomb = gzip.compress(b"\x00" * 20_000_000, 9)
    sizes = [len(chunk) for chunk in gunzip(BytesIO(bomb))]
    assert sum(sizes) == 20_000_000
    assert max(sizes) <= 1024 * 1024


def test_gzip_that_ends_anywhere_too_early_is_malformed() -> None:
    stored = gzip.compress(SMALL)
    for size in range(1, len(stored)):
        with pytest.raises(MalformedSymbolFileError, match=r"ends too early|damaged"):
            text_of(stored[:size])


def test_a_large_gzip_that_ends_too_early_is_malformed() -> None:
    stored = gzip.compress(os.urandom(3_000_000), 1)
    with pytest.raises(MalformedSymbolFileError, match="ends too early"):
        text_of(stored[:-5])


@pytest.mark.parametrize("position", [3, 12, -8, -1])
def test_damaged_gzip_is_malformed(position: int) -> None:
    stored = bytearray(gzip.compress(SMALL))
    stored[position] ^= 0xFF
    with pytest.raises(MalformedSymbolFileError):
        text_of(bytes(stored))


def test_what_claims_to_be_gzip_and_is_not_is_malformed() -> None:
    with pytest.raises(MalformedSymbolFileError, match="damaged gzip data"):
        index_stream(BytesIO(b"\x1f\x8bFUNC 10 10 0 f\n" * 9), lambda _: None, object_id="id")


def test_rubbish_behind_a_member_is_malformed() -> None:
    with pytest.raises(MalformedSymbolFileError, match="damaged gzip data"):
        text_of(gzip.compress(SMALL) + b"rubbish that is long enough to be looked at")
