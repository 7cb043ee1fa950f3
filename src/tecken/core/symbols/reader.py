# SPDX-License-Identifier: MPL-2.0

"""Read blocks of a symbol file from wherever its bytes are."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NoReturn

from isal import isal_zlib

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.seekable import inflate_block

# Takes (start, end) byte ranges of the stored object, gives their bytes in order.
ReadRanges = Callable[[Sequence[tuple[int, int]]], list[bytes]]
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
        started = perf_counter()
        texts: dict[int, bytes] = {}
        groups = _neighbours(sorted(set(numbers)))
        offsets = self._table.offsets
        ranges = [(offsets[group.start], offsets[group.stop]) for group in groups]
        chunks = self._read_ranges(ranges)
        for group, stored in zip(groups, chunks, strict=True):
            base = offsets[group.start]
            for number in group:
                chunk = stored[offsets[number] - base : offsets[number + 1] - base]
                texts[number] = self._text(number, chunk)
        reads = log.cache if self._cached else log.storage
        text_bytes = sum(map(len, texts.values()))
        reads.add(sum(map(len, chunks)), text_bytes, perf_counter() - started)
        return texts

    def _text(self, number: int, stored: bytes) -> bytes:
        text = stored
        if self._compressed:
            text = inflate_block(stored, self._table.text_sizes[number])
        if isal_zlib.crc32(text) != self._table.checksums[number]:
            raise MalformedSymbolFileError(f"block {number} does not match its checksum")
        return text if number else b"\n" + text


def _neighbours(numbers: Sequence[int]) -> list[range]:
    groups: list[range] = []
    for number in numbers:
        if groups and groups[-1].stop == number:
            groups[-1] = range(groups[-1].start, number + 1)
        else:
            groups.append(range(number, number + 1))
    return groups
