# SPDX-License-Identifier: MPL-2.0

"""A range of the text of a seekable object, inflated block by block."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.reader import BlockReader


class TextBlocks:
    """The blocks in which the text from ``start`` to ``end`` lies, of which there is a byte at least.

    ``stored_start`` and ``stored_end`` say where they lie in the object.
    """

    def __init__(self, index: SymbolIndex, start: int, end: int) -> None:
        offsets = list(accumulate(index.table.text_sizes, initial=0))
        first = bisect_right(offsets, start) - 1
        self._numbers = range(first, bisect_left(offsets, end))
        self._index = index
        self._skipped = start - offsets[first]
        self._size = end - start
        self.stored_start = index.table.offsets[self._numbers.start]
        self.stored_end = index.table.offsets[self._numbers.stop]

    def texts(self, read: Callable[[int], bytes]) -> Iterator[bytes]:
        """Yield the text, of one block after the other; ``read`` gives the stored bytes in order.

        Raises MalformedSymbolFileError when a block is not what the index says.
        """

        def read_ranges(ranges: Sequence[tuple[int, int]]) -> list[bytes]:
            return [_read_all(read, end - start) for start, end in ranges]

        blocks = BlockReader(self._index, read_ranges)
        left = self._size
        skipped = self._skipped
        for number in self._numbers:
            text = blocks.read([number], ReadLog())[number]
            begins = skipped + (number == 0)  # the reader puts a line feed before the first block
            yield text[begins : begins + left]
            left -= len(text) - begins
            skipped = 0


def _read_all(read: Callable[[int], bytes], size: int) -> bytes:
    chunks = []
    while size and (chunk := read(size)):
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
