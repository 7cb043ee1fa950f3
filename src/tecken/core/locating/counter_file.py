# SPDX-License-Identifier: MPL-2.0

"""A file of counters that all processes of a node map into their memory.

All of it is allocated before it is mapped: whoever touches a hole of a mapped file on a full disk is
killed (SIGBUS). Somebody may delete the file, cut it, or leave one of another size. That is noticed
with the next question, for which the path is looked at (2 µs), and a new file is made that all
processes find under the path. Those that had mapped the old one keep that until they look.
"""

import fcntl
import mmap
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_NUMBER_BYTES = 4
_RETRY_SECONDS = 1.0  # after a file could not be made

_Identity = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Mapped:
    """An open file; ``identity`` tells whether the path still names it, with all of its bytes."""

    descriptor: int
    identity: _Identity
    numbers: memoryview  # of 32 bits each


class CounterFile:
    """A fixed number of 32-bit counters, all 0 at first; one more before them is the file's epoch.

    The epoch is a random number above 0 that no other file of the same path had. Safe to use from
    threads, and after a fork.
    """

    def __init__(self, path: Path, counters: int) -> None:
        self._path = path
        self._size = _NUMBER_BYTES * (1 + counters)
        self._lock = threading.Lock()
        self._mapped: _Mapped | None = None
        self._retry_at = 0.0
        self._failure = OSError()

    def numbers(self) -> memoryview:
        """Return the epoch and the counters; reading one needs no lock.

        Raises OSError when there is no file and none can be made, such as on a full disk.
        """
        mapped = self._mapped
        if mapped is None or mapped.identity != self._identity():
            with self._lock:
                mapped = self._remap()
        return mapped.numbers

    @contextmanager
    def writing(self) -> Iterator[memoryview]:
        """Have the same to oneself, of all threads of all processes. Raises OSError."""
        # The file's lock is the process's, so threads of one process need a lock of their own.
        with self._lock:
            mapped = self._remap()
            fcntl.lockf(mapped.descriptor, fcntl.LOCK_EX)
            try:
                yield mapped.numbers
            finally:
                fcntl.lockf(mapped.descriptor, fcntl.LOCK_UN)

    def _identity(self) -> _Identity | None:
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size

    def _remap(self) -> _Mapped:
        """Return what the path names now; the caller has the lock."""
        if self._mapped is not None:
            if self._mapped.identity == self._identity():
                return self._mapped
            os.close(self._mapped.descriptor)  # those who read the old numbers still may
            self._mapped = None
        if time.monotonic() < self._retry_at:
            raise self._failure
        try:
            while self._mapped is None:
                self._mapped = self._open()
        except OSError as error:
            self._failure, self._retry_at = error, time.monotonic() + _RETRY_SECONDS
            raise
        return self._mapped

    def _open(self) -> _Mapped | None:
        """Map what is there, or make it; None when the path names another file meanwhile."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        mapped = None
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX)  # until it is whole
            size = os.fstat(descriptor).st_size
            if size in {0, self._size}:
                mapped = self._map(descriptor, is_new=size == 0)
            else:  # it was cut, or another version's: those who have mapped it must not lose it
                self._path.unlink(missing_ok=True)
        finally:
            if mapped is None:
                os.close(descriptor)
            else:
                fcntl.lockf(descriptor, fcntl.LOCK_UN)
        return mapped

    def _map(self, descriptor: int, *, is_new: bool) -> _Mapped | None:
        try:
            os.posix_fallocate(descriptor, 0, self._size)  # a copy of the file may have holes
        except OSError:
            if is_new:
                os.truncate(descriptor, 0)  # what was allocated until the disk was full
            raise
        found = os.fstat(descriptor)
        identity = found.st_dev, found.st_ino, found.st_size
        if identity != self._identity():
            return None
        numbers = memoryview(mmap.mmap(descriptor, self._size)).cast("I")
        numbers[0] = numbers[0] or secrets.randbits(32) | 1
        return _Mapped(descriptor, identity, numbers)
