# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Generations: a number per symbol key that an upload raises before it answers.

Whoever caches something about a key keeps the generation it was made under; when the number is
another one, the cached thing must be looked at again. Nothing is sent to anyone, so no message can
be overtaken by the upload's answer.
"""

import fcntl
import logging
import mmap
import os
import secrets
import threading
import time
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Protocol

from redis import Redis
from redis.exceptions import RedisError

SLOTS = 65_536
_SIZE_BYTES = SLOTS * 8
_BEGINNINGS = 3  # that a reader tries while Redis loses its value

_U32: Final = "u32"  # as Redis names it

logger = logging.getLogger(__name__)


class ReadableGenerations(Protocol):
    """Tells generations. Keys are like ``str(SymbolKey)``."""

    def read(self, keys: Iterable[str]) -> list[int]:
        """Return the generation of each key, in order."""


class Generations(ReadableGenerations, Protocol):
    """Counts, per symbol key, how often it was stored."""

    def raise_(self, keys: Iterable[str]) -> None:
        """Raise the generation of each key: every reader in every process sees it at once."""


class GenerationsAtOnce:
    """The generations that some keys had at one moment, read together."""

    def __init__(self, generations: ReadableGenerations, keys: Iterable[str]) -> None:
        wanted = list(dict.fromkeys(keys))
        self._read = dict(zip(wanted, generations.read(wanted), strict=True))

    def read(self, keys: Iterable[str]) -> list[int]:
        """Return the generation of each key, in order."""
        return [self._read[key] for key in keys]


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


class RedisGenerations:
    """Generations that all nodes share, in one value of a Redis.

    The promise: once ``raise_`` has returned, no reader on any node uses what it cached before,

    - from then on, when the uploader and the reader can ask Redis;
    - after ``uncertain_seconds``, when the reader cannot: it gets a number that changes so often and
      is never one of Redis;
    - a few seconds after Redis is back, when the uploader cannot. The upload succeeds all the same,
      and its process goes on trying until it has outdated everything that was ever cached. Only
      when that process ends first do entries live as long as their caches let them.

    The value has 32-bit numbers: a random epoch, and a counter per slot as ``FileGenerations`` has.
    When Redis loses the value the next epoch is another one, which outdates everything too.
    """

    KEY: Final = "tecken:generations"

    def __init__(
        self,
        redis: Redis,
        patient: Redis,
        *,
        uncertain_seconds: int = 30,
        repair_seconds: float = 1.0,
    ) -> None:
        """``patient`` is a client for the background, where nobody waits for its time-outs.

        ``uncertain_seconds`` is how old a cached thing may get while nobody can tell whether it is
        still right.
        """
        self._redis = redis
        self._uncertain_seconds = uncertain_seconds
        self._patient = patient
        self._repair_seconds = repair_seconds
        self._repairing = threading.Lock()

    def raise_(self, keys: Iterable[str]) -> None:
        """Raise the generation of each key. Trouble is made good later, and not raised."""
        try:
            with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.set(self.KEY, _new_epoch(), nx=True)
                counters = pipeline.bitfield(self.KEY)
                for place in _places(keys):
                    counters.incrby(_U32, place, 1)
                counters.execute()
                pipeline.execute()
        except RedisError as error:
            logger.warning("Generations could not be raised: %s", error)
            if not self._outdate_all(self._redis) and self._repairing.acquire(blocking=False):
                threading.Thread(target=self._repair, daemon=True).start()

    def read(self, keys: Iterable[str]) -> list[int]:
        """Return the generation of each key, in order; one command for all of them."""
        places = _places(keys)
        try:
            epoch, *counts = self._get(places)
            for _ in range(_BEGINNINGS):
                if epoch:
                    break
                self._redis.set(self.KEY, _new_epoch(), nx=True)
                epoch, *counts = self._get(places)
        except RedisError:
            return [self._uncertain()] * len(places)
        # A Redis that loses the value again and again: a number under which nothing is found again.
        epoch = epoch or int.from_bytes(_new_epoch(), "big")
        return [epoch << 32 | count for count in counts]

    def read_with(self, key: str, name: str) -> tuple[int, bytes | None]:
        """Return the generation of a key and, by the same round trip, what is kept as ``name``."""
        [place] = _places([key])
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.bitfield_ro(self.KEY, _U32, "#0", [(_U32, place)])
                pipeline.get(name)
                (epoch, count), kept = pipeline.execute()
        except RedisError:
            return self._uncertain(), None
        return (epoch << 32 | count, kept) if epoch else (self.read([key])[0], None)

    def _get(self, places: Sequence[str]) -> list[int]:
        items: list[tuple[str, int | str]] = [(_U32, place) for place in places]
        numbers: list[int] = self._redis.bitfield_ro(self.KEY, _U32, "#0", items)
        return numbers

    def _uncertain(self) -> int:
        """What stands for the generation of any key while nobody can tell it."""
        return -int(time.time() / self._uncertain_seconds)

    def _outdate_all(self, redis: Redis) -> bool:
        """Make the next reader begin a new epoch. A Redis that is full can still delete."""
        try:
            redis.delete(self.KEY)
        except RedisError:
            return False
        return True

    def _repair(self) -> None:
        try:
            while not self._outdate_all(self._patient):
                time.sleep(self._repair_seconds)
        finally:
            self._repairing.release()


def _new_epoch() -> bytes:
    return (secrets.randbits(32) | 1).to_bytes(4, "big")


def _places(keys: Iterable[str]) -> list[str]:
    """Where the counters lie: the epoch has the first place."""
    return [f"#{_slot(key) + 1}" for key in keys]


def _slot(key: str) -> int:
    return zlib.crc32(key.encode()) % SLOTS
