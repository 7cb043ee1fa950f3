# SPDX-License-Identifier: MPL-2.0

"""Read blocks of a symbol file from wherever its bytes are."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NoReturn

from isal import isal_zlib

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.storage.byte_ranges import Range, cut_out
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.lookup import ReadLog, Reads
from tecken.core.symbols.seekable import inflate_block

# Takes (start, end) byte ranges of the stored object, gives their bytes in order.
ReadRanges = Callable[[Sequence[Range]], list[bytes]]
DropCopy = Callable[[ReadLog], NoReturn]


class BlockReader:
    """Reads blocks by number and verifies each by its size and checksum.

    Blocks of a copy have ``drop_copy``: it is called when one is damaged, and raises what the reader's
    user should see. Reads of one that is ``cached`` are noted as such.
    """

    def __init__(
        self,
        index: SymbolIndex,
        read_ranges: ReadRanges,
        drop_copy: DropCopy | None = None,
        *,
        cached: bool = False,
    ) -> None:
        self._cached = cached
        self._drop_copy = drop_copy
        self._table = index.table
        self._compressed = index.encoding == "gzip"
        self._read_ranges = read_ranges

    def read(self, numbers: Sequence[int], log: ReadLog) -> dict[int, bytes]:
        """Return the text of each block; neighbours are fetched as one range.

        The first block gets a line feed in front, as all others have one.
        Raises MalformedSymbolFileError when a block is not what the index says, and StorageError.
        """
        try:
            return self._read(numbers, log)
        except MalformedSymbolFileError:
            if self._drop_copy is None:
                raise
            self._drop_copy(log)

    def _read(self, numbers: Sequence[int], log: ReadLog) -> dict[int, bytes]:
        wanted = sorted(set(numbers))
        ranges: list[Range] = []
        for start, end in map(self._range, wanted):
            if ranges and ranges[-1][1] == start:
                start = ranges.pop()[0]
            ranges.append((start, end))
        return self._fetch(wanted, ranges, log.cache if self._cached else log.storage)[0]

    def _fetch(
        self, numbers: Sequence[int], ranges: Sequence[Range], reads: Reads
    ) -> tuple[dict[int, bytes], list[bytes]]:
        """Return the texts of blocks that lie in some ranges, and what was read."""
        started = perf_counter()
        chunks = self._read_ranges(ranges)
        blocks = cut_out([*map(self._range, numbers)], ranges, chunks)
        texts = {
            number: self._text(number, stored)
            for number, stored in zip(numbers, blocks, strict=True)
        }
        seconds = perf_counter() - started
        reads.add(sum(map(len, chunks)), sum(map(len, texts.values())), seconds)
        return texts, chunks

    def _range(self, first: int, count: int = 1) -> Range:
        """Return where some blocks lie in the object, as far as there are so many."""
        offsets = self._table.offsets
        return offsets[first], offsets[min(first + count, len(self._table))]

    def _text(self, number: int, stored: bytes) -> bytes:
        text = stored
        if self._compressed:
            text = inflate_block(stored, self._table.text_sizes[number])
        if isal_zlib.crc32(text) != self._table.checksums[number]:
            raise MalformedSymbolFileError(f"block {number} does not match its checksum")
        return text if number else b"\n" + text
