# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Where symbol keys were found in an ordered list of sources, and that they were not.

"Not there" is remembered for a minute, under the key's generation: an upload ends it at once, in
every worker process. That a source could not be asked is never remembered. Where a key was found is
remembered in the same way for half a minute, if asking again would take a round trip.

Where that is so, the processes of a node take turns to ask for a key, and the first tells the others.
"""

import hashlib
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec

from tecken.core.errors import ObjectNotFoundError
from tecken.core.existence import Cache
from tecken.core.generations import Generation, still_holds
from tecken.core.identifiers import SymbolKey
from tecken.core.once_per_node import OncePerNode
from tecken.core.remembered import Remembered
from tecken.core.source_pauses import SourcePauses
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source

NOT_FOUND_SECONDS = 60
FOUND_SECONDS = 30
# Of each process: about 35,000 keys with names of usual lengths, and 4,500.
MAX_MISSES_BYTES = 32 * 1024 * 1024
MAX_FOUND_BYTES = 8 * 1024 * 1024
MISS_BYTES = 0  # there is one True
PLACE_BYTES = 900  # measured: its object's key, ETag, time and metadata


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key was found."""

    source: Source
    info: ObjectInfo


@dataclass(frozen=True, slots=True)
class SharedPlaces:
    """What the processes of a node share: a cache that never raises, and a folder for locks."""

    cache: Cache
    folder: Path


class _Entry(msgspec.Struct, array_like=True):
    """What is told to others: the name of the source and the object, or neither, until a Unix time."""

    generation: Generation
    until: float
    source: str | None = None
    info: ObjectInfo | None = None


class Places:
    """Finds keys, for one process. ``sources`` are asked in order."""

    def __init__(
        self, sources: Sequence[Source], pauses: SourcePauses, shared: SharedPlaces | None = None
    ) -> None:
        self._sources = sources
        self._pauses = pauses
        self._far = any(source.remote for source in sources)
        self._urls = "\n".join(source.url for source in sources)
        self._shared = shared if self._far else None
        self._once: OncePerNode[_Entry] | None = None
        if self._shared is not None:
            self._once = OncePerNode(self._shared.folder)
        self._misses: Remembered[bool] = Remembered(MAX_MISSES_BYTES, MISS_BYTES)
        self._found: Remembered[Place] = Remembered(MAX_FOUND_BYTES, PLACE_BYTES)

    def find(self, key: SymbolKey, generation: Generation) -> Place:
        """Return where the first source that has the key has it.

        Raises ObjectNotFoundError, and StorageError when a source that comes before any that has it
        could not be asked.
        """
        return self.remembered(key, generation) or self._ask_once(key, generation)

    def remembered(self, key: SymbolKey, generation: Generation) -> Place | None:
        """Return where a key is, if nobody has to be asked.

        Raises ObjectNotFoundError when it is known to be nowhere.
        """
        if self._misses.get(key, generation):
            raise ObjectNotFoundError("all sources", str(key))
        return self._found.get(key, generation)

    def forget(self, key: SymbolKey, place: Place) -> None:
        """Forget that a key was found at a place, as it is no longer so."""
        if self._found.forget(key, place) and self._shared is not None:
            self._shared.cache.set(self._name(key), b"", FOUND_SECONDS)

    def _ask_once(self, key: SymbolKey, generation: Generation) -> Place:
        if self._once is None or self._shared is None:
            entry = self._ask(key, generation)
        else:
            ask = partial(self._ask_unless_told, self._shared.cache, key, generation)
            entry = self._once.do(f"{generation}:{key}", ask)
        if entry.info is None:
            self._misses.put(key, generation, entry.until, True)
            raise ObjectNotFoundError("all sources", str(key))
        source = next(source for source in self._sources if source.name == entry.source)
        place = Place(source, entry.info)
        if source.remote:
            self._found.put(key, generation, entry.until, place)
        return place

    def _ask(self, key: SymbolKey, generation: Generation) -> _Entry:
        for source in self._sources:
            with suppress(ObjectNotFoundError), self._pauses.asking(source, key):
                info = source.bucket.head(source.object_key(key))
                return _Entry(generation, time.time() + FOUND_SECONDS, source.name, info)
        return _Entry(generation, time.time() + NOT_FOUND_SECONDS)

    def _ask_unless_told(self, cache: Cache, key: SymbolKey, generation: Generation) -> _Entry:
        """Ask, unless another process has just done so."""
        told = self._told(cache.get(self._name(key)))
        now = time.time()
        if told and now < told.until and still_holds(told.generation, generation):
            return told
        entry = self._ask(key, generation)
        seconds = max(1.0, entry.until - time.time())
        cache.set(self._name(key), msgspec.msgpack.encode(_plain(entry)), seconds)
        return entry

    def _told(self, stored: object) -> _Entry | None:
        if not isinstance(stored, bytes):
            return None
        try:
            told = msgspec.msgpack.decode(stored, type=_Entry)
        except msgspec.MsgspecError:
            return None
        known = told.info is None or any(source.name == told.source for source in self._sources)
        return told if known else None

    def _name(self, key: SymbolKey) -> str:
        digest = hashlib.blake2b(f"{self._urls}\n{key}".encode(), digest_size=16).hexdigest()
        return f"tecken:place:{digest}"


def _plain(entry: _Entry) -> _Entry:
    """Return the same entry with metadata that can be written down."""
    if entry.info is None:
        return entry
    content = replace(entry.info.content, metadata=dict(entry.info.content.metadata))
    info = replace(entry.info, content=content)
    return _Entry(entry.generation, entry.until, entry.source, info)
