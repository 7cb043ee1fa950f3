# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Temporary files of an upload: bytes put aside, and what a disk that is full means."""

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from tecken.core.errors import NoRoomError, StorageUnavailableError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_EXTENT_BYTES = 256 * 1024  # what is put aside at a time


class Scratch:
    """A file for all that an upload puts aside, from several threads; closing it is the caller's."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._size = 0

    def append(self, data: bytes | bytearray) -> tuple[int, int]:
        """Add bytes; return where they lie, ``(start, size)``. Raises NoRoomError."""
        with self._lock, spooling():
            start = self._file.seek(self._size)
            self._file.write(data)
            self._size = start + len(data)
        return start, len(data)

    def read(self, start: int, size: int) -> bytes:
        """Return bytes that were added."""
        with self._lock, spooling():
            self._file.seek(start)
            return self._file.read(size)


class PutAside:
    """A sequence of bytes in a scratch file, among others: written once, then read."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._pending = bytearray()
        self._extents: list[tuple[int, int]] = []

    def write(self, data: bytes) -> None:
        """Add bytes. Raises NoRoomError."""
        self._pending += data
        if len(self._pending) >= _EXTENT_BYTES:
            self.finish()

    def finish(self) -> None:
        """Write what is buffered, after the last ``write``."""
        if self._pending:
            self._extents.append(self._scratch.append(self._pending))
            self._pending = bytearray()

    def __iter__(self) -> Iterator[bytes]:
        for start, size in self._extents:
            yield self._scratch.read(start, size)


@contextmanager
def spooling() -> Iterator[None]:
    """Turn an OSError of a temporary file into NoRoomError or StorageUnavailableError."""
    try:
        yield
    except OSError as error:
        kind = NoRoomError if error.errno in _NO_ROOM else StorageUnavailableError
        raise kind("uploads", None, error.strerror or str(error)) from error
