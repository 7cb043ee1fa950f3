# SPDX-License-Identifier: MPL-2.0

"""Read blocks of a remote object, and keep what was fetched near."""

from collections.abc import Iterable, Iterator, Sequence
from time import perf_counter
from typing import Protocol

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.storage.byte_ranges import Range, merge_ranges
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.reader import BlockReader, DropCopy, ReadRanges

# Measured with 30 ms to the server (docs/adr/0007-keep-remote-blocks-on-the-node.md).
STRETCH_BLOCKS = 32
# As stored: what is fetched before any of it is let go. A stretch has 150 KB, and may have 8 MB.
_FETCHED_AT_ONCE_BYTES = 20 * 1024 * 1024


class KeptBytes(Protocol):
    """What is near of an object, each byte at its offset in the object."""

    def read(self, ranges: Sequence[Range]) -> list[bytes]:
        """Return what there is of each range; what is not kept is missing at the end, or zeros."""

    def keep(self, chunks: Iterable[tuple[int, bytes]]) -> None:
        """Keep bytes, each with its offset, or not."""


class KeepingReader(BlockReader):
    """A reader that looks into ``kept`` first, and fetches whole stretches of what is not there.

    Whoever asks for one block of a module will ask for others, and a question to a remote server
    costs as much time as hundreds of kilobytes.
    """

    def __init__(
        self,
        index: SymbolIndex,
        read_ranges: ReadRanges,
        kept: KeptBytes,
        drop_copy: DropCopy | None = None,
    ) -> None:
        super().__init__(index, read_ranges, drop_copy)
        self._kept = kept

    def _read(self, numbers: Sequence[int], log: ReadLog) -> dict[int, bytes]:
        wanted = sorted(set(numbers))
        texts = self._kept_texts(wanted, log)
        by_stretch: dict[int, list[int]] = {}
        for number in wanted:
            if number not in texts:
                by_stretch.setdefault(number // STRETCH_BLOCKS, []).append(number)
        for stretches in self._groups(by_stretch):
            ranges = merge_ranges([self._stretch(stretch) for stretch in stretches])
            blocks = [number for stretch in stretches for number in by_stretch[stretch]]
            fetched, chunks = self._fetch(blocks, ranges, log.storage)
            texts |= fetched
            self._kept.keep(
                (start, chunk) for (start, _), chunk in zip(ranges, chunks, strict=True)
            )
        return texts

    def _kept_texts(self, numbers: Sequence[int], log: ReadLog) -> dict[int, bytes]:
        started, texts, stored_bytes = perf_counter(), {}, 0
        chunks = self._kept.read([*map(self._range, numbers)])
        for number, chunk in zip(numbers, chunks, strict=True):
            try:
                texts[number] = self._text(number, chunk)
                stored_bytes += len(chunk)
            except MalformedSymbolFileError:
                if chunk.strip(b"\0"):
                    log.note("node", "damaged")
        log.cache.add(stored_bytes, sum(map(len, texts.values())), perf_counter() - started)
        return texts

    def _groups(self, stretches: Iterable[int]) -> Iterator[list[int]]:
        """Part stretches into those that are fetched at once."""
        group: list[int] = []
        size = 0
        for stretch in stretches:
            start, end = self._stretch(stretch)
            if group and size + end - start > _FETCHED_AT_ONCE_BYTES:
                yield group
                group, size = [], 0
            group.append(stretch)
            size += end - start
        if group:
            yield group

    def _stretch(self, stretch: int) -> Range:
        return self._range(stretch * STRETCH_BLOCKS, STRETCH_BLOCKS)
