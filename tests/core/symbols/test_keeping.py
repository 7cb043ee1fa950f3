# SPDX-License-Identifier: MPL-2.0

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from tests.core.symbols.conftest import FILLER, Stored, seekable

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.keeping import STRETCH_BLOCKS, KeepingReader
from tecken.core.symbols.lookup import ReadLog
from tecken.core.tiers.kept_blocks import KeptBlocks

BLOCKS = [FILLER[:-1], *[b"\n" + FILLER[:-1]] * (3 * STRETCH_BLOCKS)]
STORED, INDEX = seekable(b"".join(BLOCKS))
OFFSETS = INDEX.table.offsets


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "blocks"


@pytest.fixture
def kept(path: Path) -> KeptBlocks:
    return KeptBlocks(path, lambda: None, lambda: None)


def read(kept: KeptBlocks, stored: Stored, numbers: Sequence[int]) -> ReadLog:
    log = ReadLog()
    texts = KeepingReader(INDEX, stored, kept).read(numbers, log)
    assert texts == {number: BLOCKS[number] if number else b"\n" + BLOCKS[0] for number in numbers}
    return log


def test_the_whole_stretch_of_a_block_is_fetched(kept: KeptBlocks) -> None:
    stored = Stored(STORED)
    log = read(kept, stored, [STRETCH_BLOCKS + 3])
    stretch = (OFFSETS[STRETCH_BLOCKS], OFFSETS[2 * STRETCH_BLOCKS])
    assert stored.ranges == [stretch]
    assert (log.storage.count, log.storage.stored_bytes) == (1, stretch[1] - stretch[0])
    assert log.storage.text_bytes == len(BLOCKS[STRETCH_BLOCKS + 3])


def test_what_was_fetched_is_read_from_near(kept: KeptBlocks) -> None:
    read(kept, Stored(STORED), [3])
    nothing_left = Stored(b"")
    log = read(kept, nothing_left, [1, 3, STRETCH_BLOCKS - 1])
    assert nothing_left.ranges == []
    assert (log.storage.count, log.cache.count) == (0, 1)
    assert log.cache.stored_bytes == sum(
        OFFSETS[number + 1] - OFFSETS[number] for number in (1, 3, STRETCH_BLOCKS - 1)
    )


def test_only_what_is_not_kept_is_fetched(kept: KeptBlocks) -> None:
    read(kept, Stored(STORED), [0])
    stored = Stored(STORED)
    log = read(kept, stored, [1, STRETCH_BLOCKS])
    assert stored.ranges == [(OFFSETS[STRETCH_BLOCKS], OFFSETS[2 * STRETCH_BLOCKS])]
    assert not log.tiers["node", "damaged"]


def test_what_lies_between_stretches_that_are_fetched_together_is_kept_too(
    kept: KeptBlocks,
) -> None:
    stored = Stored(STORED)
    read(kept, stored, [0, 2 * STRETCH_BLOCKS])
    assert len(stored.ranges) == 1
    read(kept, Stored(b""), [STRETCH_BLOCKS])


@pytest.mark.parametrize("damage", [b"\xff" * 5, b"\0" * 5])
def test_a_damaged_block_is_fetched_again_and_counted(
    kept: KeptBlocks, path: Path, damage: bytes
) -> None:
    read(kept, Stored(STORED), [3])
    data = bytearray(path.read_bytes())
    data[OFFSETS[3] + 20 : OFFSETS[3] + 25] = damage
    path.write_bytes(data)
    stored = Stored(STORED)
    log = read(kept, stored, [2, 3])
    assert (len(stored.ranges), log.tiers["node", "damaged"]) == (1, 1)
    log = read(kept, Stored(b""), [2, 3])
    assert not log.tiers["node", "damaged"]


def test_a_file_that_is_cut_short_is_fetched_again(kept: KeptBlocks, path: Path) -> None:
    read(kept, Stored(STORED), [3])
    path.write_bytes(path.read_bytes()[: OFFSETS[3] + 1])
    stored = Stored(STORED)
    read(kept, stored, [2, 3])
    assert len(stored.ranges) == 1


def test_what_the_object_itself_has_damaged_is_malformed_and_not_kept(
    kept: KeptBlocks, path: Path
) -> None:
    stored = Stored(STORED[: OFFSETS[3]] + b"\xff" * (len(STORED) - OFFSETS[3]))
    for _ in range(2):
        with pytest.raises(MalformedSymbolFileError):
            read(kept, stored, [3])
    assert not path.exists()


def test_where_nothing_can_be_kept_all_is_fetched() -> None:
    class Nothing:
        def read(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
            return [b""] * len(ranges)

        def keep(self, chunks: Iterable[tuple[int, bytes]]) -> None:
            pass

    log = ReadLog()
    reader = KeepingReader(INDEX, Stored(STORED), Nothing())
    numbers = range(len(BLOCKS))
    assert list(reader.read(numbers, log).values()) == [b"\n" + BLOCKS[0], *BLOCKS[1:]]
    assert log.storage.stored_bytes == OFFSETS[-1] - OFFSETS[0]
