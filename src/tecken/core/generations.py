# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Generations: a number per symbol key that an upload raises before it answers.

Whoever caches something about a key keeps the generation it was made under; when the number has
moved on, the cached thing must be looked at again. Nothing is sent to anyone, so no message can be
overtaken by the upload's answer.
"""

import fcntl
import mmap
import os
import threading
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

SLOTS = 65_536
_SIZE_BYTES = SLOTS * 8


class Generations(Protocol):
    """Counts, per symbol key, how often it was stored. Keys are like ``str(SymbolKey)``."""

    def raise_(self, keys: Iterable[str]) -> None:
        """Raise the generation of each key: every reader in every process sees it at once."""

    def read(self, keys: Iterable[str]) -> list[int]:
        """Return the generation of each key, in order."""


class FileGenerations:
    """Generations in a memory-mapped file, shared by all processes that open it.

    The file has a fixed number of 64-bit counters and a key uses the one its CRC-32 selects, so it
    never grows. Two keys that share a counter cost a needless look at storage, no wrong answer.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._lock = threading.Lock()
        # Extends a new file with zeros, and leaves one that has its size as it is.
        os.truncate(self._descriptor, _SIZE_BYTES)
        self._counters = memoryview(mmap.mmap(self._descriptor, _SIZE_BYTES)).cast("Q")

    def raise_(self, keys: Iterable[str]) -> None:
        """Raise the generation of each key: every reader in every process sees it at once."""
        slots = {_slot(key) for key in keys}
        # The file's lock is the process's, so threads of one process need a lock of their own.
        with self._lock:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
            try:
                for slot in slots:
                    self._counters[slot] += 1
            finally:
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def read(self, keys: Iterable[str]) -> list[int]:
        """Return the generation of each key, in order; an aligned 64-bit read needs no lock."""
        counters = self._counters
        return [counters[_slot(key)] for key in keys]


def _slot(key: str) -> int:
    return zlib.crc32(key.encode()) % SLOTS
