# SPDX-License-Identifier: MPL-2.0

"""What a process remembers of where symbol keys are, bounded by bytes."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from sys import getsizeof

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.facts import Fact, Known

# Measured: a key, its entry with a generation of large numbers, and facts of some sources; and what an
# object adds by its key, ETag, time and metadata.
_ENTRY_BYTES = 1_150
_OBJECT_BYTES = 900


class FactMemory:
    """What is known of each key; when it takes more than ``max_bytes``, what was not used for longest goes.

    Safe to use from threads.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[SymbolKey, Known] = OrderedDict()
        self._lock = threading.RLock()
        self.bytes = 0

    def get(self, key: SymbolKey) -> Known | None:
        """Return what is remembered of a key, whether it still holds or not."""
        if key not in self._entries:  # most are not, and that needs no lock
            return None
        with self._lock:
            known = self._entries.get(key)
            if known is not None:
                self._entries.move_to_end(key)
            return known

    def put(self, key: SymbolKey, known: Known) -> None:
        """Remember this of a key, and nothing else."""
        with self._lock:
            self.drop(key)
            self._entries[key] = known
            self.bytes += _size(key, known.facts)
            while self.bytes > self._max_bytes:
                self.drop(next(iter(self._entries)))

    def drop(self, key: SymbolKey) -> None:
        """Forget a key."""
        with self._lock:
            known = self._entries.pop(key, None)
            if known is not None:
                self.bytes -= _size(key, known.facts)


def _size(key: SymbolKey, facts: Mapping[str, Fact]) -> int:
    names = getsizeof(key.debug_file) + getsizeof(key.debug_id) + getsizeof(key.symbol_file)
    objects = sum(fact.info is not None for fact in facts.values())
    return _ENTRY_BYTES + names + objects * _OBJECT_BYTES
