# SPDX-License-Identifier: MPL-2.0

"""The nearest tier: opened symbol tables of this process, bounded by their bytes."""

import threading
import time
from collections import OrderedDict
from math import inf

from tecken.core.symbols.table import BreakpadTable

# A table of somebody else's object keeps a file open, and a process may have 1,024.
MAX_TABLES = 500


class MemoryTier:
    """Keeps tables by the identity of their object, and drops those used longest ago.

    A table grows as it is used, so ``trim`` is called after lookups: it drops tables until all fit
    ``max_bytes``, and of a single table that does not fit, what it has read.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._tables: OrderedDict[str, BreakpadTable] = OrderedDict()
        self._until: dict[str, float] = {}  # of tables that are kept for so long only
        self._lock = threading.Lock()

    def get(self, identity: str) -> BreakpadTable | None:
        """Return the table of an object, e.g. of ``"symbols-1a2b:v1/xul.pdb/…:<etag>"``."""
        with self._lock:
            self._drop_expired()
            table = self._tables.get(identity)
            if table is not None:
                self._tables.move_to_end(identity)
            return table

    def put(self, identity: str, table: BreakpadTable, seconds: float = inf) -> None:
        """Keep a table, of at most ``MAX_TABLES``, for at most so many seconds."""
        with self._lock:
            self._until.pop(identity, None)
            if seconds < inf:
                self._until[identity] = time.monotonic() + seconds
            self._tables[identity] = table
            self._tables.move_to_end(identity)
            if len(self._tables) > MAX_TABLES:
                self._tables.popitem(last=False)

    def drop(self, identity: str) -> None:
        """Forget a table that turned out to be of no use."""
        with self._lock:
            self._tables.pop(identity, None)

    def taken(self) -> tuple[int, int]:
        """Return how many tables there are, and about what they take in bytes."""
        with self._lock:
            self._drop_expired()
            return len(self._tables), self._memory_bytes()

    def trim(self) -> int:
        """Drop what does not fit; return about how many bytes the rest takes."""
        with self._lock:
            self._drop_expired()
            total = self._memory_bytes()
            while total > self._max_bytes and len(self._tables) > 1:
                _, dropped = self._tables.popitem(last=False)
                total -= dropped.memory_bytes
            if total > self._max_bytes:
                for table in self._tables.values():
                    table.forget()
                total = self._memory_bytes()
            return total

    def _drop_expired(self) -> None:
        if self._until:
            now = time.monotonic()
            for identity in [each for each, until in self._until.items() if until <= now]:
                del self._until[identity]
                self._tables.pop(identity, None)

    def _memory_bytes(self) -> int:
        return sum(table.memory_bytes for table in self._tables.values())
