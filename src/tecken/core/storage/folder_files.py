# SPDX-License-Identifier: MPL-2.0

"""Open objects of a folder bucket: readers and the writer, with the bucket's errors."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import FileIO
from typing import BinaryIO

from tecken.core.storage.base import ANY_VERSION, ObjectInfo
from tecken.core.storage.sidecars import new_digest
from tecken.core.tempfiles.spooling import FreeSpace

# Makes a context that turns an OSError into an error of the domain.
Guard = Callable[[], AbstractContextManager[None]]


class FileReader:
    """The whole of an object."""

    def __init__(self, file: FileIO, info: ObjectInfo, reading: Guard) -> None:
        self.info = info
        self._file = file
        self._reading = reading

    def read(self, size: int = -1, /) -> bytes:
        """Read at most ``size`` bytes, all that is left if negative. Raises StorageUnavailableError."""
        with self._reading():
            return self._file.read(size) or b""

    def seek(self, offset: int) -> None:
        """Go to a byte of the object."""
        with self._reading():
            self._file.seek(offset)

    def fileno(self) -> int:
        """Return the descriptor, for those who can send a file from it."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class RangeReader:
    """A part of an object. It has no ``fileno()``: the file does not end where the part does."""

    def __init__(self, whole: FileReader, start: int, end: int) -> None:
        self.info = whole.info
        self._whole = whole
        self._left = max(0, min(end, whole.info.size) - start)
        whole.seek(start)

    def read(self, size: int = -1, /) -> bytes:
        """Read at most ``size`` bytes of the part."""
        data = self._whole.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._whole.close()


class FileWriter:
    """An ``ObjectWriter``."""

    info: ObjectInfo

    def __init__(
        self,
        file: BinaryIO,
        free_space: FreeSpace,
        writing: Guard,
        publish: Callable[[str, str | None], ObjectInfo],
    ) -> None:
        self._file = file
        self._free_space = free_space
        self._writing = writing
        self._publish = publish
        self._digest = new_digest()

    def write(self, data: bytes | memoryview, /) -> int:
        """Add bytes. Raises NoRoomError, StorageUnavailableError."""
        with self._writing():
            written = sum(map(self._file.write, self._free_space.portions(data)))
        self._digest.update(data)
        return written

    def publish(self, over: str | None = ANY_VERSION) -> None:
        """Rename the file to the object's name. Raises ObjectChangedError and those of ``write``."""
        self.info = self._publish(self._digest.hexdigest(), over)

    def finish(self) -> None:
        """Publish the object unless that was done."""
        if not hasattr(self, "info"):
            self.publish()
