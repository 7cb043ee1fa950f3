# SPDX-License-Identifier: MPL-2.0

"""Temporary files of an upload: bytes put aside, and what a disk that is full means."""

import errno
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from tecken.core.errors import NoRoomError, StorageUnavailableError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_EXTENT_BYTES = 256 * 1024  # what is put aside at a time

_PORTION_BYTES = 1024 * 1024
_OTHERS_BYTES = 32 * _PORTION_BYTES  # what so many others may be writing in this moment

Extent: TypeAlias = tuple[int, int]  # where it starts, and its size in bytes


@dataclass(frozen=True, slots=True)
class FreeSpace:
    """The promise that ``min_free_bytes`` of the disk that has ``folder`` stay free.

    Whoever writes looks before each portion, so that all processes of the machine keep the promise
    together without knowing of each other: what has been written is missing from what is free, and
    for the portions that others have looked for and not written yet some more is left free (32 MiB,
    but never more than is promised). ``name`` stands in errors for what is written to. It can be
    pickled. Without a promise (0) nobody looks, and the disk itself says when it is full.
    """

    folder: Path
    min_free_bytes: int
    name: str = "uploads"

    def check(self, about_to_write: int) -> None:
        """Refuse to write so many bytes, at most some MiB at a time, if too little would stay free.

        Raises NoRoomError; StorageUnavailableError when the folder has vanished.
        """
        if not self.min_free_bytes:
            return
        try:
            disk = os.statvfs(self.folder)
        except OSError as error:
            raise StorageUnavailableError(self.name, None, error.strerror or str(error)) from error
        kept = self.min_free_bytes + min(self.min_free_bytes, _OTHERS_BYTES)
        if disk.f_bavail * disk.f_frsize < kept + about_to_write:
            raise NoRoomError(self.name, None, "the disk has no room for it")

    def portions(self, data: bytes | bytearray | memoryview) -> Iterator[memoryview]:
        """Yield bytes in portions, each as soon as there is room for it. Raises as ``check``."""
        whole = memoryview(data)
        for start in range(0, len(whole), _PORTION_BYTES):
            portion = whole[start : start + _PORTION_BYTES]
            self.check(len(portion))
            yield portion


_NO_PROMISE = FreeSpace(Path(), 0)


class Scratch:
    """A file for all that an upload puts aside, from several threads; closing it is the caller's.

    What is added leaves on the disk what ``free_space`` promises.

    Another process may add to a part of it that was reserved: its own scratch begins there at
    ``start``, and has ``size`` bytes. Nobody moves the position of the file, which they share.
    """

    def __init__(
        self,
        file: BinaryIO,
        start: int = 0,
        size: int = sys.maxsize,
        free_space: FreeSpace = _NO_PROMISE,
    ) -> None:
        self.file = file
        self.free_space = free_space
        self._lock = threading.Lock()
        self._end = start
        self._limit = start + size

    def append(self, data: bytes | bytearray) -> Extent:
        """Add bytes; return where they lie. Raises NoRoomError."""
        start = at = self.reserve(len(data))
        for left in self.free_space.portions(data):
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

    @property
    def size(self) -> int:
        """How many bytes were written."""
        return sum(size for _, size in self.extents)

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
