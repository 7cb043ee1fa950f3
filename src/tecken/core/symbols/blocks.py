# SPDX-License-Identifier: MPL-2.0

"""Cut the text of a symbol file into blocks, none of which parts a function's records.

A block ends in front of the line feed before the first FUNC, PUBLIC, FILE or INLINE_ORIGIN record
after ``MIN_BLOCK_BYTES``. Where none comes for ``MAX_BLOCK_BYTES`` (huge functions, STACK records),
it ends in front of a line feed, or, in a line longer than that, anywhere: the next block then
*continues* it, and whoever reads a function reads on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tecken.core.symbols.records import CUT_POINT, END_OF_FUNCTION

# Measured on an optimised C++ file (docs/adr/0003-seekable-symbol-files.md): 32 KiB reads a third
# more for an object 2 % smaller; 16 KiB makes it 4 % larger and is no faster.
MIN_BLOCK_BYTES = 24 * 1024
MAX_BLOCK_BYTES = 256 * 1024
# What must be known of the text behind a block to tell whether a function ends there.
_LOOKAHEAD_BYTES = len(b"\nPUBLIC ")


@dataclass(frozen=True, slots=True)
class Block:
    """A chunk of text; ``continues``: records of a function may go on in it."""

    text: bytes
    continues: bool


class BlockCutter:
    """Takes text in chunks of any size and gives it back in blocks."""

    def __init__(self) -> None:
        self._pending = b""
        self._continues = False

    def feed(self, text: bytes) -> Iterator[Block]:
        """Yield the blocks that are complete with ``text``; exhaust it before feeding more."""
        pending = self._pending + text if self._pending else text
        start = 0
        while True:
            cut = CUT_POINT.search(pending, start + MIN_BLOCK_BYTES, start + MAX_BLOCK_BYTES)
            if cut:
                end = cut.start()
            elif len(pending) - start > MAX_BLOCK_BYTES + _LOOKAHEAD_BYTES:
                end = _forced_cut(pending, start)
            else:
                break
            yield Block(pending[start:end], self._continues)
            self._continues = not END_OF_FUNCTION.match(pending, end)
            start = end
        self._pending = pending[start:]

    def finish(self) -> Iterator[Block]:
        """Yield what is left; the cutter must not be used afterwards."""
        pending, self._pending = self._pending, b""
        start = 0
        while cut := CUT_POINT.search(pending, start + MIN_BLOCK_BYTES):
            yield Block(pending[start : cut.start()], self._continues)
            start = cut.start()
            self._continues = not END_OF_FUNCTION.match(pending, start)
        if start < len(pending):
            yield Block(pending[start:], self._continues)


def _forced_cut(text: bytes, start: int) -> int:
    newline = text.rfind(b"\n", start + 1, start + MAX_BLOCK_BYTES)
    return newline if newline > start else start + MAX_BLOCK_BYTES
