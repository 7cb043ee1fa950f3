# SPDX-License-Identifier: MPL-2.0

"""Read byte ranges of a file that stays open as long as somebody may read it."""

import os
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tecken.core.errors import MalformedSymbolFileError


class FileRanges:
    """An open file; calling it with ``(start, end)`` ranges returns their bytes.

    It takes over the descriptor and closes it when nothing refers to it any more: a table that a
    cache dropped may still be answering in another thread.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.close = weakref.finalize(self, os.close, descriptor)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file for reading. Raises OSError."""
        return cls(os.open(path, os.O_RDONLY | os.O_CLOEXEC))

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return os.fstat(self._descriptor).st_size

    def __call__(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Read the ranges. Raises MalformedSymbolFileError when the file is shorter than that."""
        chunks = [os.pread(self._descriptor, end - start, start) for start, end in ranges]
        for chunk, (start, end) in zip(chunks, ranges, strict=True):
            if len(chunk) < end - start:
                raise MalformedSymbolFileError("the file is shorter than its index says")
        return chunks
