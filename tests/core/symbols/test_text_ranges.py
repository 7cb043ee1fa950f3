# SPDX-License-Identifier: MPL-2.0

from io import BytesIO

import pytest
from tests.core.symbols.conftest import FILLER, seekable

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.text_ranges import TextBlocks

TEXT = b"MODULE a b c d\n" + FILLER * 3 + b"FUNC 1 2 3 f\n"
STORED, INDEX = seekable(TEXT)
BLOCKS = len(INDEX.table)


def read(start: int, end: int, stored: bytes = STORED) -> bytes:
    blocks = TextBlocks(INDEX, start, end)
    file = BytesIO(stored[blocks.stored_start : blocks.stored_end])
    # A file may give less than it is asked for.
    return b"".join(blocks.texts(lambda size: file.read(min(size, 7_000))))


def test_every_range_gives_its_text() -> None:
    assert BLOCKS > 2
    sizes = INDEX.table.text_sizes
    edges = {sum(sizes[:number]) for number in range(BLOCKS + 1)}
    positions = sorted(
        position
        for edge in edges
        for position in (edge - 1, edge, edge + 1)
        if 0 <= position <= len(TEXT)
    )
    for start in positions:
        for end in positions:
            if start < end:
                assert read(start, end) == TEXT[start:end], (start, end)


def test_only_the_blocks_of_the_range_are_read() -> None:
    last = TextBlocks(INDEX, len(TEXT) - 1, len(TEXT))
    assert last.stored_start == INDEX.table.offsets[BLOCKS - 1]
    assert last.stored_end == INDEX.table.offsets[BLOCKS]


def test_a_damaged_block_gives_nothing() -> None:
    damaged = bytearray(STORED)
    damaged[INDEX.table.offsets[1] + 20] ^= 0xFF
    assert read(0, 5, bytes(damaged)) == TEXT[:5]
    with pytest.raises(MalformedSymbolFileError):
        read(0, len(TEXT), bytes(damaged))
