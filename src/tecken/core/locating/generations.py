# SPDX-License-Identifier: MPL-2.0

"""Generations: some numbers per symbol key that an upload raises before it answers.

Whoever caches something about a key keeps the generation it was made under; when ``still_holds`` says
no, the cached thing must be looked at again. Nothing is sent to anyone, so no message can be overtaken
by the upload's answer.

There are four million counters, and a key has five of them, picked by a digest of it. An upload raises
all five, so what was cached of its key holds no longer. Of another key it takes five counters that were
all raised for different keys: that happens to 0.8 % of them when 400,000 keys are uploaded, and costs
them a needless look at storage, no wrong answer. Nothing ever grows, and nothing has to be tidied up.
"""

import hashlib
import logging
import secrets
import struct
import threading
import time
import zlib
from collections.abc import Iterable, Sequence
from operator import eq
from pathlib import Path
from typing import Final, Protocol

from redis import Redis
from redis.exceptions import RedisError

from tecken.core.batches import batches
from tecken.core.locating.counter_file import CounterFile

# 17 MB of numbers of 32 bits; docs/operations.md has them.
COUNTERS = 2**22
_COUNTERS_OF_KEY = 5
_DIGEST = struct.Struct(f"<{_COUNTERS_OF_KEY}I")
_UNCERTAIN_SECONDS = 30

# In Redis. Of 65,536 counters, which an earlier version has, 20 large uploads would raise nearly all.
_EARLIER_COUNTERS = 65_536
_FIRST_NUMBER = 1 + _EARLIER_COUNTERS
_NUMBERS_OF_KEY = 1 + _COUNTERS_OF_KEY
_KEYS_AT_ONCE = 500  # about 2 ms of Redis, which does nothing else meanwhile
_BEGINNINGS = 3  # that a reader tries while Redis loses its value
_U32: Final = "u32"  # as Redis names them
_U16: Final = "u16"
_Counter = tuple[str, int | str]  # a type of Redis, and which of its numbers

logger = logging.getLogger(__name__)

# What must be the same, such as an epoch, and the counters of a key, of which one must be.
Generation = tuple[int, ...]


def still_holds(made_under: Generation, generation: Generation) -> bool:
    """Say whether what was found out under a generation may be used under the one of now."""
    if made_under == generation:
        return True
    same_epoch = made_under[0] == generation[0]
    return same_epoch and any(map(eq, made_under[1:], generation[1:]))


class ReadableGenerations(Protocol):
    """Tells generations. Keys are like ``str(SymbolKey)``."""

    def read(self, keys: Iterable[str]) -> list[Generation]:
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

    def read(self, keys: Iterable[str]) -> list[Generation]:
        """Return the generation of each key, in order."""
        return [self._read[key] for key in keys]


class FileGenerations:
    """Generations in a file that all processes map which open it.

    When the file is deleted, a new one with another epoch outdates everything. While none can be
    made, a cached thing is used for at most ``uncertain_seconds``.
    """

    BYTES: Final = 4 * (1 + COUNTERS)  # that the file takes

    def __init__(self, path: Path, *, uncertain_seconds: int = _UNCERTAIN_SECONDS) -> None:
        self._file = CounterFile(path, COUNTERS)
        self._uncertain_seconds = uncertain_seconds

    def prepare(self) -> None:
        """Make the file unless it is there. Raises OSError, such as that the disk is full."""
        self._file.numbers()

    def raise_(self, keys: Iterable[str]) -> None:
        """Raise the generation of each key: every reader in every process sees it at once."""
        counters = {counter for key in keys for counter in _counters_of(key)}
        try:
            with self._file.writing() as numbers:
                for counter in counters:
                    numbers[1 + counter] = (numbers[1 + counter] + 1) % 2**32
        except OSError as error:
            # Nobody else has a file either, and the next one outdates everything.
            logger.warning("Generations could not be raised: %s", error)

    def read(self, keys: Iterable[str]) -> list[Generation]:
        """Return the generation of each key, in order."""
        try:
            numbers = self._file.numbers()
        except OSError:
            return [_uncertain(self._uncertain_seconds) for _ in keys]
        epoch = numbers[0]
        return [(epoch, *[numbers[1 + counter] for counter in _counters_of(key)]) for key in keys]


class RedisGenerations:
    """Generations that all nodes share, in one value of a Redis.

    The promise: once ``raise_`` has returned, no reader on any node uses what it cached before,

    - from then on, when the uploader and the reader can ask Redis;
    - after ``uncertain_seconds``, when the reader cannot: it gets a number that changes so often and
      is never one of Redis;
    - a few seconds after Redis is back, when the uploader cannot. The upload succeeds all the same,
      and its process goes on trying until it has outdated everything that was ever cached. Only
      when that process ends first do entries live as long as their caches let them.

    The value has 32-bit numbers: a random epoch, the counters of an earlier version, then ours. When
    Redis loses the value the next epoch is another one, which outdates everything too.

    Nodes of that version may run beside ours. They have 65,536 counters, one for each key, and raise it
    by 1. We raise it by 65,536 besides our own, so they see our uploads; and we look at its lower half,
    so we see theirs. Ours do not change that half, and so outdate no more keys here than they should.
    """

    KEY: Final = "tecken:generations"

    def __init__(
        self,
        redis: Redis,
        patient: Redis,
        *,
        uncertain_seconds: int = _UNCERTAIN_SECONDS,
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
        """Raise the generation of each key. Trouble is made good later, and not raised.

        Other commands get their turn between some keys and the next.
        """
        try:
            for some in batches(list(keys), _KEYS_AT_ONCE):
                self._raise(some)
        except RedisError as error:
            logger.warning("Generations could not be raised: %s", error)
            if not self._outdate_all(self._redis) and self._repairing.acquire(blocking=False):
                threading.Thread(target=self._repair, daemon=True).start()

    def read(self, keys: Iterable[str]) -> list[Generation]:
        """Return the generation of each key, in order; one command for all of them."""
        wanted = list(keys)
        counters = [counter for key in wanted for counter in _numbers_to_read(key)]
        try:
            epoch, *numbers = self._get(counters)
            for _ in range(_BEGINNINGS):
                if epoch:
                    break
                self._redis.set(self.KEY, _new_epoch(), nx=True)
                epoch, *numbers = self._get(counters)
        except RedisError:
            return [_uncertain(self._uncertain_seconds)] * len(wanted)
        # A Redis that loses the value again and again: a number under which nothing is found again.
        epoch = epoch or int.from_bytes(_new_epoch(), "big")
        return [_of_redis(epoch, *of_key) for of_key in batches(numbers, _NUMBERS_OF_KEY)]

    def read_with(self, keys: Sequence[str], name: str) -> tuple[list[Generation], bytes | None]:
        """Return the generations of keys and, by the same round trip, what is kept as ``name``."""
        counters = [counter for key in keys for counter in _numbers_to_read(key)]
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.bitfield_ro(self.KEY, _U32, "#0", counters)
                pipeline.get(name)
                (epoch, *numbers), kept = pipeline.execute()
        except RedisError:
            return [_uncertain(self._uncertain_seconds)] * len(keys), None
        if not epoch:
            return self.read(keys), None
        return [_of_redis(epoch, *of_key) for of_key in batches(numbers, _NUMBERS_OF_KEY)], kept

    def _raise(self, keys: Iterable[str]) -> None:
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.set(self.KEY, _new_epoch(), nx=True)
            counters = pipeline.bitfield(self.KEY)
            for key in keys:
                counters.incrby(_U32, f"#{_earlier_number(key)}", 2**16)
                for counter in _counters_of(key):
                    counters.incrby(_U32, f"#{_FIRST_NUMBER + counter}", 1)
            counters.execute()
            pipeline.execute()

    def _get(self, counters: list[_Counter]) -> list[int]:
        numbers: list[int] = self._redis.bitfield_ro(self.KEY, _U32, "#0", counters)
        return numbers

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


def _of_redis(epoch: int, earlier: int, *counters: int) -> Generation:
    """Make a generation of numbers; one that nodes of the earlier version have raised is another epoch."""
    return (epoch << 16 | earlier, *counters)


def _new_epoch() -> bytes:
    return (secrets.randbits(32) | 1).to_bytes(4, "big")


def _uncertain(seconds: int) -> Generation:
    """What stands for the generation of any key while nobody can tell it."""
    return (-int(time.time() / seconds),)


def _counters_of(key: str) -> list[int]:
    """Return the numbers of a key's counters."""
    numbers = _DIGEST.unpack(hashlib.blake2b(key.encode(), digest_size=_DIGEST.size).digest())
    return [number % COUNTERS for number in numbers]


def _earlier_number(key: str) -> int:
    """Return where a key's counter of the earlier version lies, in the value in Redis."""
    return 1 + zlib.crc32(key.encode()) % _EARLIER_COUNTERS


def _numbers_to_read(key: str) -> list[_Counter]:
    """Return where the numbers of a key lie; the lower half of the first stands behind the upper."""
    earlier: _Counter = (_U16, f"#{2 * _earlier_number(key) + 1}")
    return [earlier, *[(_U32, f"#{_FIRST_NUMBER + counter}") for counter in _counters_of(key)]]
