# SPDX-License-Identifier: MPL-2.0

"""Symbol files of a few lines, and what the product makes of them."""

import gc
from collections.abc import Iterator, Sequence

import pytest

from tecken.core.symbols.blocks import MIN_BLOCK_BYTES
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.lookup import ReadLog, Symbol
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.seekable import SeekableWriter
from tecken.core.symbols.table import BreakpadTable

# A record that fills a block: the next FUNC, PUBLIC, FILE or INLINE_ORIGIN begins another.
FILLER = b"FILE 4000000 " + b"x" * MIN_BLOCK_BYTES + b"\n"
# Text without a record, and without a place where a block should end.
STACK_LINE = b"STACK CFI 1000 .cfa: $rsp 16 + $rbp: .cfa -16 + ^\n"


@pytest.fixture(scope="module")
def _no_garbage_collection() -> Iterator[None]:
    # It would go through the slow reader's millions of records again and again, for half of all time.
    gc.disable()
    yield
    gc.enable()


class Stored:
    """A stored object in memory that knows which ranges were read."""

    def __init__(self, stored: bytes) -> None:
        self.stored = stored
        self.ranges: list[tuple[int, int]] = []

    def __call__(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        self.ranges += ranges
        return [self.stored[start:end] for start, end in ranges]


def seekable(*chunks: bytes, object_id: str = "id") -> tuple[bytes, SymbolIndex]:
    """Return the seekable form of a text that is fed in chunks, and its index."""
    written: list[bytes] = []
    writer = SeekableWriter(written.append, object_id=object_id)
    for chunk in chunks:
        writer.feed(chunk)
    index = writer.finish()
    return b"".join(written), index


def table_of(text: bytes) -> BreakpadTable:
    """Return a table that reads the seekable form of a text."""
    stored, index = seekable(text)
    return BreakpadTable(index, BlockReader(index, Stored(stored)))


def look_up(text: bytes, *addresses: int) -> list[Symbol | None]:
    """Look addresses up in a text."""
    return table_of(text).lookup(addresses, ReadLog())


def names_at(text: bytes, *addresses: int) -> list[str | None]:
    """Return the functions at some addresses."""
    return [symbol and symbol.function for symbol in look_up(text, *addresses)]
