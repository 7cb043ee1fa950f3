# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What a process remembers of symbol keys for some seconds, bounded by bytes."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from sys import getsizeof
from typing import Generic, TypeVar

from tecken.core.generations import Generation, still_holds
from tecken.core.identifiers import SymbolKey

Known = TypeVar("Known")

# Measured with a generation of large numbers: the key, the entry, the tuple and its numbers.
_ENTRY_BYTES = 750


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Known]):
    generation: Generation
    until: float
    known: Known
    bytes: int


class Remembered(Generic[Known]):
    """Something known of each key, until a Unix time and while the key's generation holds.

    When all that takes more than ``max_bytes``, what was not asked for or noted for longest goes.
    ``known_bytes`` is about what one ``Known`` takes. Safe to use from threads.
    """

    def __init__(self, max_bytes: int, known_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._known_bytes = known_bytes
        self._entries: OrderedDict[SymbolKey, _Entry[Known]] = OrderedDict()
        self._lock = threading.Lock()
        self.memory_bytes = 0

    def get(self, key: SymbolKey, generation: Generation) -> Known | None:
        """Return what is known of a key under a generation."""
        if key not in self._entries:  # most are not, and that needs no lock
            return None
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or not still_holds(entry.generation, generation):
                return None
            if time.time() >= entry.until:
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return entry.known

    def put(self, key: SymbolKey, generation: Generation, until: float, known: Known) -> None:
        """Remember something that was found out after the generation was read."""
        names = getsizeof(key.debug_file) + getsizeof(key.debug_id) + getsizeof(key.symbol_file)
        size = _ENTRY_BYTES + self._known_bytes + names
        with self._lock:
            self._drop(key)
            self._entries[key] = _Entry(generation, until, known, size)
            self.memory_bytes += size
            while self.memory_bytes > self._max_bytes:
                self._drop(next(iter(self._entries)))

    def forget(self, key: SymbolKey, known: Known) -> bool:
        """Forget that this is known of a key; say whether it was."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.known != known:
                return False
            self._drop(key)
            return True

    def _drop(self, key: SymbolKey) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.memory_bytes -= entry.bytes
