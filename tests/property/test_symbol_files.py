# SPDX-License-Identifier: MPL-2.0

"""Symbol files of any kind: the product agrees with the slow reader, and nothing breaks it."""

import gzip
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.strategies import addresses, chunked, symbol_texts
from tests.reference import breakpad
from tests.reference.as_symbols import symbol_of
from tests.reference.interesting import interesting_addresses

from tecken.core.errors import MalformedSymbolFileError, SymbolFileError
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.index_file import open_index, save_index
from tecken.core.symbols.lookup import ReadLog, Symbol
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.seekable import SeekableWriter
from tecken.core.symbols.symbol_file import SymbolFile
from tecken.core.symbols.table import BreakpadTable

Answers = list[Symbol | None]


@given(symbol_texts(), st.lists(addresses, max_size=5))
@settings(max_examples=150, deadline=None)
def test_plain_text_is_answered_as_the_slow_reader_does(text: bytes, others: list[int]) -> None:
    expected, wanted = expectation(text, others)
    assert ask_file(text, wanted) == expected


@given(symbol_texts(), st.lists(addresses, max_size=5))
@settings(max_examples=40, deadline=None)
def test_gzipped_text_is_answered_as_the_slow_reader_does(text: bytes, others: list[int]) -> None:
    expected, wanted = expectation(text, others)
    assert ask_file(gzip.compress(text, 1), wanted) == expected


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_seekable_form_answers_alike_however_the_text_was_cut(data: st.DataObject) -> None:
    text = data.draw(symbol_texts())
    chunks = data.draw(chunked(text))
    stored, index = write_seekable(chunks)
    expected, wanted = expectation(text, [])
    assert gzip.decompress(stored) == text
    assert ask_seekable(stored, open_index(save_index(index)), wanted) == expected


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_the_same_text_gives_the_same_object_and_index(data: st.DataObject) -> None:
    text = data.draw(symbol_texts())
    stored, index = write_seekable([text])
    stored_again, index_again = write_seekable(data.draw(chunked(text)))
    assert stored == stored_again
    assert save_index(index) == save_index(index_again)


@given(st.one_of(st.binary(max_size=200), symbol_texts()), st.data())
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from([as_they_are, gzipped, truncated_gzip, damaged_gzip]))
    try:
        ask_file(form(content), [0, 1, 0x100, 2**64 - 1, 2**64, -1])
    except SymbolFileError:
        pass  # refused, with the error of ours that says so


def as_they_are(content: bytes) -> bytes:
    return content


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, 1)


def truncated_gzip(content: bytes) -> bytes:
    stored = gzip.compress(content, 1)
    return stored[: len(stored) // 2]


def damaged_gzip(content: bytes) -> bytes:
    stored = bytearray(gzip.compress(content, 1))
    stored[len(stored) // 2] ^= 0x55
    return bytes(stored)


def expectation(text: bytes, others: Sequence[int]) -> tuple[Answers | None, list[int]]:
    """Return what the slow reader says of all interesting addresses; None when it finds no symbol."""
    try:
        slow = breakpad.read(text)
    except breakpad.NoSymbolsError:
        return None, [0]
    wanted = [*interesting_addresses(slow), *others, -1]
    return [symbol_of(slow.lookup(address)) for address in wanted], wanted


def ask_file(stored: bytes, wanted: Sequence[int]) -> Answers | None:
    """Return what the product says of a file with these bytes; None when it finds no symbol."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "some.sym")
        path.write_bytes(stored)
        with SymbolFile.open(path) as symbols:
            return ask(symbols.table, wanted)


def ask_seekable(stored: bytes, index: SymbolIndex, wanted: Sequence[int]) -> Answers | None:
    def read_ranges(ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        return [stored[start:end] for start, end in ranges]

    return ask(BreakpadTable(index, BlockReader(index, read_ranges)), wanted)


def ask(table: BreakpadTable, wanted: Sequence[int]) -> Answers | None:
    """Ask for each address alone, and for all: what was kept must be answered as what was read."""
    try:
        alone = [table.lookup([address], ReadLog())[0] for address in wanted]
    except MalformedSymbolFileError:
        return None
    for _ in range(2):
        assert table.lookup(wanted, ReadLog()) == alone
    return alone


def write_seekable(chunks: Sequence[bytes]) -> tuple[bytes, SymbolIndex]:
    stored: list[bytes] = []
    writer = SeekableWriter(stored.append, object_id="id")
    for chunk in chunks:
        writer.feed(chunk)
    index = writer.finish()
    return b"".join(stored), index
