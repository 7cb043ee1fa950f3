# SPDX-License-Identifier: MPL-2.0

"""The numbers behind the metrics, in memory that all processes of a server share.

The main process makes the memory before it forks. Each worker has a slot of it that it alone writes
to, so nothing is locked between processes, and whichever worker answers a scrape adds up all slots. A
worker that dies leaves its counts there, and the one that takes its place goes on with them; what
stood for something of the dead process itself, its gauges, is set to 0.

It is memory and no file: there is no folder to clean, and a disk that is full kills nobody (whoever
touches a hole of a mapped file then is killed, SIGBUS). docs/adr/0011-prometheus.md weighs it
against the files of ``prometheus_client``.
"""

import logging
import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

# The key of a metric and the values of its labels.
Key: TypeAlias = tuple[str, ...]

# A histogram takes about 220 bytes. What is never written to takes no memory.
SLOT_BYTES = 512 * 1024
_WORD_BYTES = 8
_WASTE_WORDS = 64  # where the numbers of metrics go that found no room; no histogram has more
# The head of a record: bytes of its key in the lowest 16 bits, its cells from here on, and its kind.
_CELLS_AT, _GAUGE_AT = 16, 32

logger = logging.getLogger(__name__)


class _Record(NamedTuple):
    key: Key
    at: int  # of its first cell, in words
    cells: int
    is_gauge: bool


class _Slot:
    """Records one after the other, each of a key and of its cells, which are floats of 64 bits.

    The first word says how many words are used, and is written last: who reads sees whole records.
    """

    def __init__(self, memory: memoryview) -> None:
        self._bytes = memory
        self._words = memory.cast("Q")
        self.cells = memory.cast("d")
        self.waste = len(self._words) - _WASTE_WORDS

    def records(self) -> Iterator[_Record]:
        at, end = 1, self._words[0]
        while at < end:
            head = self._words[at]
            key_bytes, cells = head & 0xFFFF, head >> _CELLS_AT & 0xFFFF
            start = at + 1 + _words_for(key_bytes)
            first = (at + 1) * _WORD_BYTES
            key = bytes(self._bytes[first : first + key_bytes]).decode()
            yield _Record(tuple(key.split("\0")), start, cells, bool(head >> _GAUGE_AT))
            at = start + cells

    def append(self, key: Key, cells: int, *, is_gauge: bool) -> int | None:
        """Add a record; return where its cells begin, None when there is no room for it."""
        encoded = "\0".join(key).encode()
        at = self._words[0] or 1
        start = at + 1 + _words_for(len(encoded))
        if len(encoded) > 0xFFFF or start + cells > self.waste:
            return None
        first = (at + 1) * _WORD_BYTES
        self._bytes[first : first + len(encoded)] = encoded
        self._words[at] = len(encoded) | cells << _CELLS_AT | is_gauge << _GAUGE_AT
        # Somebody may have been killed here, with a longer key half written.
        for cell in range(start, start + cells):
            self.cells[cell] = 0.0
        self._words[0] = start + cells
        return start

    def clear_gauges(self) -> None:
        for record in self.records():
            if record.is_gauge:
                self.cells[record.at] = 0.0


class Tallies:
    """The numbers of all processes; this one writes to its own slot. Safe to use from threads.

    A forked process that does not ``take`` a slot counts for itself alone.
    """

    def __init__(self) -> None:
        self.share(0)
        os.register_at_fork(after_in_child=self._part)

    def share(self, workers: int) -> None:
        """Begin again, with room for so many processes that are forked from this one, and for itself."""
        memory = memoryview(mmap.mmap(-1, (1 + workers) * SLOT_BYTES))
        starts = range(0, len(memory), SLOT_BYTES)
        self._slots = [_Slot(memory[start : start + SLOT_BYTES]) for start in starts]
        self._use(self._slots[0])

    def take(self, worker: int) -> None:
        """Be the worker of that number (from 0), and go on with the counts of the one before."""
        slot = self._slots[1 + worker]
        slot.clear_gauges()
        self._use(slot)

    def forget(self, worker: int) -> None:
        """Note in the main process that a worker has ended."""
        self._slots[1 + worker].clear_gauges()

    def add(self, key: Key, amount: float, *, is_gauge: bool = False) -> None:
        """Add to the one cell of a key."""
        with self._lock:
            at = self._index.get(key) or self._make(key, 1, is_gauge=is_gauge)
            self._cells[at] += amount

    def set(self, key: Key, value: float) -> None:
        """Set the one cell of a key, which is a gauge."""
        with self._lock:
            at = self._index.get(key) or self._make(key, 1, is_gauge=True)
            self._cells[at] = value

    def observe(self, key: Key, bucket: int, buckets: int, value: float) -> None:
        """Count a value in a bucket of a histogram, and add it to the sum behind the buckets."""
        with self._lock:
            at = self._index.get(key) or self._make(key, buckets + 1, is_gauge=False)
            self._cells[at + bucket] += 1
            self._cells[at + buckets] += value

    def totals(self) -> dict[Key, list[float]]:
        """Return the cells of each key, added up over all processes."""
        totals: dict[Key, list[float]] = {}
        for slot in self._slots:
            for record in slot.records():
                cells: Sequence[float] = slot.cells[record.at : record.at + record.cells]
                before = totals.get(record.key)
                together = zip(before, cells, strict=True) if before else ()
                totals[record.key] = [a + b for a, b in together] or list(cells)
        return totals

    def _make(self, key: Key, cells: int, *, is_gauge: bool) -> int:
        """Return where the cells of a new key are, which is never 0."""
        at = self._slot.append(key, cells, is_gauge=is_gauge)
        if at is None:
            logger.warning("There is no room to count %s", key)
            at = self._slot.waste
        self._index[key] = at
        return at

    def _use(self, slot: _Slot) -> None:
        self._lock = threading.Lock()
        self._slot = slot
        self._cells = slot.cells
        self._index = {record.key: record.at for record in slot.records()}

    def _part(self) -> None:
        """In a forked process: the slot in use is the parent's, and so may be its lock."""
        self._use(_Slot(memoryview(mmap.mmap(-1, SLOT_BYTES))))


def _words_for(size: int) -> int:
    return -(-size // _WORD_BYTES)


TALLIES = Tallies()
