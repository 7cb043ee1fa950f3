# SPDX-License-Identifier: MPL-2.0

"""Journals: files of lines that somebody still has to store elsewhere.

A line that was appended outlives its process, however that ends. Whoever writes a journal holds a
lock on it, which ends with the process; a journal without one is a leftover that anybody may store.
"""

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

_SUFFIX = ".journal"


class Journal:
    """One file of lines, held by this object until it is dropped or left."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self.bytes = 0  # that were appended here

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make an empty journal. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor, name = tempfile.mkstemp(_SUFFIX, "", folder)
            file = os.fdopen(descriptor, "r+b", buffering=0)
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return cls(Path(name), file)
            file.close()  # taken for a leftover in the moment before it was locked

    def append(self, line: bytes) -> None:
        """Add a line, which has no newline in it. Raises OSError, and then nothing was added."""
        data = line + b"\n"
        if self._file.write(data) != len(data):  # the disk is full, and takes the next one badly
            self._file.truncate(self.bytes)
            self._file.seek(self.bytes)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.bytes += len(data)

    def lines(self) -> Iterator[bytes]:
        """Yield the lines from the first one on; one that was cut by a crash is left out."""
        with self._path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line[:-1]

    def drop(self) -> None:
        """Remove the file: its lines are stored."""
        self._path.unlink(missing_ok=True)
        self._file.close()

    def leave(self) -> None:
        """Keep the file for whoever looks for leftovers."""
        self._file.close()


def leftover_journals(folder: Path) -> Iterator[Journal]:
    """Yield the journals that nobody holds, now held here, one after the other."""
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            file = path.open("r+b", buffering=0)
        except FileNotFoundError:  # another process has stored it
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        if os.fstat(file.fileno()).st_nlink:
            yield Journal(path, file)
        else:
            file.close()


def journal_bytes(folder: Path) -> int:
    """Return how many bytes the journals of a folder take."""
    total = 0
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total
