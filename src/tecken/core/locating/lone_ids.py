# SPDX-License-Identifier: MPL-2.0

"""The debug ids of builds of which a debug file alone is there, so that nobody knows the names of their modules.

A lookup by name and id that finds nothing goes on by the id alone where that is one of these. Most that are looked for
and are nowhere are none, and that must cost nothing: each process keeps the ids in memory, and reads what is new when
the generation has changed that stands for all of them.
"""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Final

from tecken.core.locating.generations import Generation

LONE_IDS: Final = ".native/lone"  # what has this generation, instead of a key
_MAX_IDS = 200_000  # some 15 MB; with more, all may be one
# Rows become visible a little later than their numbers say: so many are read again.
_OVERLAP = 1000
_HASH_DIGITS = 15

# Returns the number and debug id of each that has come after a number, in order.
Load = Callable[[int], Iterable[tuple[int, str]]]


class LoneIds:
    """Tells whether a debug id may be one of them. Safe to use from threads."""

    def __init__(self, load: Load, max_ids: int = _MAX_IDS) -> None:
        self._load = load
        self._max_ids = max_ids
        self._ids: set[int] = set()
        self._last = 0
        self._generation: Generation | None = None
        self._lock = Lock()

    def may_have(self, debug_id: str, generation: Generation) -> bool:
        """Say whether an id may be one; ``generation`` is that of ``LONE_IDS``, read by the caller.

        What ``load`` raises passes through, and the next call tries again.
        """
        if generation != self._generation:
            with self._lock:
                if generation != self._generation:
                    self._read_new()
                    self._generation = generation
        return _hash(debug_id) in self._ids or len(self._ids) >= self._max_ids

    def _read_new(self) -> None:
        if len(self._ids) >= self._max_ids:
            return
        for number, debug_id in self._load(max(0, self._last - _OVERLAP)):
            self._last = max(self._last, number)
            self._ids.add(_hash(debug_id))
            if len(self._ids) >= self._max_ids:
                break


def _hash(debug_id: str) -> int:
    return int(debug_id[:_HASH_DIGITS], 16)
