# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Temporary files of an upload: bytes put aside, and what a disk that is full means."""

import errno
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeAlias

from tecken.core.errors import NoRoomError, StorageUnavailableError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_EXTENT_BYTES = 256 * 1024  # what is put aside at a time

Extent: TypeAlias = tuple[int, int]  # where it starts, and its size in bytes


class Scratch:
    """A file for all that an upload puts aside, from several threads; closing it is the caller's.

    Another process may add to a part of it that was reserved: its own scratch begins there at
    ``start``, and has ``size`` bytes. Nobody moves the position of the file, which they share.
    """

    def __init__(self, file: BinaryIO, start: int = 0, size: int = sys.maxsize) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._end = start
        self._limit = start + size

    def append(self, data: bytes | bytearray) -> Extent:
        """Add bytes; return where they lie. Raises NoRoomError."""
        start = self.reserve(len(data))
        left, at = memoryview(data), start
        with spooling():
            while left:
                written = os.pwrite(self.file.fileno(), left, at)
                left, at = left[written:], at + written
        return start, len(data)

    def reserve(self, size: int) -> int:
        """Leave a part to somebody else; return where it starts. It takes no room by itself."""
        with self._lock:
            start = self._end
            if start + size > self._limit:
                raise ValueError("more is put aside than was reserved")
            self._end += size
        return start

    def read(self, extent: Extent) -> bytes:
        """Return bytes that were added."""
        start, size = extent
        with spooling():
            return os.pread(self.file.fileno(), size, start)


class PutAside:
    """A sequence of bytes in a scratch file, among others: written once, then read.

    ``extents`` tell where it lies.
    """

    def __init__(self, scratch: Scratch, extents: Iterable[Extent] = ()) -> None:
        self.extents = list(extents)
        self._scratch = scratch
        self._pending = bytearray()

    def write(self, data: bytes) -> None:
        """Add bytes. Raises NoRoomError."""
        self._pending += data
        if len(self._pending) >= _EXTENT_BYTES:
            self.finish()

    def finish(self) -> None:
        """Write what is buffered, after the last ``write``."""
        if self._pending:
            self.extents.append(self._scratch.append(self._pending))
            self._pending = bytearray()

    def __iter__(self) -> Iterator[bytes]:
        return map(self._scratch.read, self.extents)


@contextmanager
def spooling() -> Iterator[None]:
    """Turn an OSError of a temporary file into NoRoomError or StorageUnavailableError."""
    try:
        yield
    except OSError as error:
        kind = NoRoomError if error.errno in _NO_ROOM else StorageUnavailableError
        raise kind("uploads", None, error.strerror or str(error)) from error
