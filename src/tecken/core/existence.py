# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Which source has a symbol key, remembered for some hours.

Buckets that are asked over the network are remembered, both that they have a key and that they have
not; a folder on this machine is simply asked. An entry has the key's generation, read before storage
was asked: an upload raises it before it answers, so what was found out before that, or meanwhile, is
not used again, on any node. Trouble is never remembered, and where entries cannot be kept storage is
asked each time.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from tecken.core.errors import ObjectNotFoundError
from tecken.core.generations import Generation, Generations, RedisGenerations, still_holds
from tecken.core.identifiers import SymbolKey
from tecken.core.once_per_node import OncePerNode
from tecken.core.storage.sources import Source


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a key: which sources have it, by their names, until when, a Unix time."""

    generation: Generation
    until: float
    has: Mapping[str, bool] = field(default_factory=dict)


class Cache(Protocol):
    """What is used of a cache of Django's."""

    def get(self, key: str, /) -> Any: ...

    def set(self, key: str, value: bytes, timeout: float, /) -> Any: ...


class Entries(Protocol):
    """Where entries are kept for all processes that share the generations."""

    @property
    def generations(self) -> Generations:
        """The generations of keys."""

    def read(self, key: SymbolKey) -> tuple[Generation, bytes | None]:
        """Return the key's generation and its entry, if there is one."""

    def write(self, key: SymbolKey, entry: bytes, seconds: float) -> None:
        """Keep an entry for so long. One that cannot be kept is no error."""


class CachedEntries:
    """Entries in a cache that never raises."""

    def __init__(self, cache: Cache, generations: Generations) -> None:
        self._cache = cache
        self.generations = generations

    def read(self, key: SymbolKey) -> tuple[Generation, bytes | None]:
        """Return the key's generation and its entry, if there is one."""
        [generation] = self.generations.read([str(key)])
        return generation, self._cache.get(_name(key))

    def write(self, key: SymbolKey, entry: bytes, seconds: float) -> None:
        """Keep an entry for so long."""
        self._cache.set(_name(key), entry, seconds)


class RedisEntries:
    """Entries in the Redis that has the generations, so that one round trip reads both."""

    def __init__(self, redis: Redis, generations: RedisGenerations) -> None:
        self._redis = redis
        self.generations = generations

    def read(self, key: SymbolKey) -> tuple[Generation, bytes | None]:
        """Return the key's generation and its entry, if there is one."""
        return self.generations.read_with(str(key), _name(key))

    def write(self, key: SymbolKey, entry: bytes, seconds: float) -> None:
        """Keep an entry for so long, unless Redis is full or does not answer."""
        with suppress(RedisError):
            self._redis.set(_name(key), entry, px=max(1, int(seconds * 1000)))


class Existence:
    """Tells where symbol keys are, for one process. ``folder`` is the node's, for its locks."""

    def __init__(self, entries: Entries, folder: Path, seconds: float) -> None:
        self._entries = entries
        self._once: OncePerNode[bool] = OncePerNode(folder)
        self._seconds = seconds

    def find(
        self,
        key: SymbolKey,
        sources: Iterable[Source],
        *,
        refresh: bool = False,
        keep_missing: bool = True,
    ) -> Source | None:
        """Return the first source that has a key, or None.

        ``refresh`` asks storage whatever is remembered, and has every node forget it; without
        ``keep_missing`` it is not remembered that a source has not got the key. Raises StorageError
        when a source cannot be asked: whether a later one has the key does not matter, as its object
        may be another.
        """
        known: Known | None = None
        for source in sources:
            if not source.remote:
                has: bool | None = is_stored(source, key)
            else:
                known = known or (self._forget(key) if refresh else self._read(key))
                has = known.has.get(source.name)
                if has is None:
                    ask = partial(self._ask, source, key, keep_missing=keep_missing)
                    has = ask() if refresh else self._ask_once(source, key, known, ask)
            if has:
                return source
        return None

    def _ask_once(
        self, source: Source, key: SymbolKey, known: Known, ask: Callable[[], bool]
    ) -> bool:
        """Ask a source unless somebody of this node does so, or has just done it.

        Who comes after an upload has another generation than those who asked before it, and does
        not share what they find.
        """
        return self._once.do(f"{source.name}:{known.generation}:{key}", ask)

    def _ask(self, source: Source, key: SymbolKey, *, keep_missing: bool) -> bool:
        known = self._read(key)
        if source.name in known.has:
            return known.has[source.name]
        has = is_stored(source, key)
        if has or keep_missing:
            self._write(key, known, {**known.has, source.name: has})
        return has

    def _forget(self, key: SymbolKey) -> Known:
        """Outdate what any process knows of a key, or is finding out at this moment."""
        self._entries.generations.raise_([str(key)])
        return self._read(key)

    def _read(self, key: SymbolKey) -> Known:
        generation, entry = self._entries.read(key)
        now = time.time()
        if entry is not None:
            try:
                known = msgspec.msgpack.decode(entry, type=Known)
            except msgspec.MsgspecError:
                known = None
            if known and now < known.until and still_holds(known.generation, generation):
                return known
        return Known(generation, now + self._seconds)

    def _write(self, key: SymbolKey, known: Known, has: Mapping[str, bool]) -> None:
        entry = msgspec.msgpack.encode(Known(known.generation, known.until, has))
        self._entries.write(key, entry, known.until - time.time())


def is_stored(source: Source, key: SymbolKey) -> bool:
    """Ask a source's bucket whether it has a key. Raises StorageError."""
    try:
        source.bucket.head(source.object_key(key))
    except ObjectNotFoundError:
        return False
    return True


def _name(key: SymbolKey) -> str:
    """Return what a key's entry is called; keys may be too long for a cache, and have spaces."""
    digest = hashlib.blake2b(str(key).encode(), digest_size=16).hexdigest()
    return f"tecken:exists:{digest}"
