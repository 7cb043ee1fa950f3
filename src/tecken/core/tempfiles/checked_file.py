# SPDX-License-Identifier: MPL-2.0

"""Temporary files that leave on the disk what was promised to others."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from tecken.core.tempfiles.spooling import FreeSpace, spooling

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_BUFFER_BYTES = 256 * 1024


def open_checked(
    path: Path, free_space: FreeSpace | None, buffer_bytes: int = _BUFFER_BYTES
) -> BinaryIO:
    """Open a new file to write to. When too little would stay free, writing raises NoRoomError.

    So it does when the disk is full, also without a promise.
    """
    return cast("BinaryIO", io.BufferedWriter(_CheckedFile(path, free_space), buffer_bytes))


class _CheckedFile(io.FileIO):
    """A file without a buffer, so that it looks once for many records."""

    def __init__(self, path: Path, free_space: FreeSpace | None) -> None:
        super().__init__(path, "wb")
        self._free_space = free_space

    def write(self, data: "ReadableBuffer", /) -> int:
        if self._free_space is not None:
            self._free_space.check(memoryview(data).nbytes)
        with spooling():
            return super().write(data)
