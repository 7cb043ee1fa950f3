# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Find the symbol table of a symbol key in an ordered list of sources.

For our own objects, whose metadata names their index, the index is read and then single blocks. If
they lie far away, on another server, the node keeps both, and the nodes share the index. Anything
else that lies in a bucket is streamed once, indexed, and kept in the node's tier, and in the tier
that nodes share if there is one.

An object that turns out to be damaged is an entry like any other, so it is not streamed again, and a
source that cannot be reached is left alone for a moment.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from functools import partial
from typing import NoReturn, Self

from tecken.core.errors import (
    InvalidNameError,
    MalformedSymbolFileError,
    ObjectChangedError,
    ObjectNotFoundError,
)
from tecken.core.generations import GenerationsAtOnce, ReadableGenerations
from tecken.core.identifiers import SymbolKey
from tecken.core.places import Place, Places, SharedPlaces
from tecken.core.source_pauses import SourcePauses
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source
from tecken.core.symbols.index import SymbolIndex, malformed_index
from tecken.core.symbols.index_file import UnusableIndexError, open_index
from tecken.core.symbols.keeping import KeepingReader
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.scan import index_stream
from tecken.core.symbols.table import BreakpadTable
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeEntry, NodeTier
from tecken.core.tiers.shared import NotSharedError, SharedTier

# How many modules of a request are looked for together when that takes round trips.
_MODULES_AT_ONCE = 16


class Supplier:
    """Finds symbol tables; one per process. ``sources`` are asked in order."""

    def __init__(
        self,
        sources: Sequence[Source],
        memory: MemoryTier,
        node: NodeTier,
        generations: ReadableGenerations,
        shared: SharedTier | None = None,
        shared_places: SharedPlaces | None = None,
    ) -> None:
        self._sources = sources
        self._memory = memory
        self._node = node
        self._generations = generations
        self._shared = shared
        self._pauses = SourcePauses()
        self._places = Places(sources, self._pauses, shared_places)

    @property
    def modules_at_once(self) -> int:
        """More than one where storage is far away; where it is near, threads only cost."""
        return _MODULES_AT_ONCE if any(source.remote for source in self._sources) else 1

    def for_modules(self, modules: Iterable[tuple[str, str]]) -> Self:
        """Return this supplier for one request of these modules (debug file and debug id).

        It has the generations of all their keys, read at once.
        """
        supplier = copy(self)
        supplier._generations = GenerationsAtOnce(self._generations, map(str, _keys_of(modules)))
        return supplier

    def table_of(self, key: SymbolKey, log: ReadLog) -> BreakpadTable:
        """Return the table of the first source that has the key.

        Raises ObjectNotFoundError, MalformedSymbolFileError, and StorageError when a source that
        comes before any that has the key could not be asked; ObjectChangedError when it is worth
        another try.
        """
        [generation] = self._generations.read([str(key)])
        place = self._places.find(key, generation)
        with _expecting(self._places, key, place):
            return self._table_at(place, key, log)

    def trim(self) -> None:
        """Keep the memory tier within its bounds; called after lookups."""
        self._memory.trim()

    def _table_at(self, place: Place, key: SymbolKey, log: ReadLog) -> BreakpadTable:
        identity = f"{place.source.url}:{place.info.key}:{place.info.etag}"
        table = self._memory.get(identity)
        log.note("memory", "miss" if table is None else "hit")
        if table is None:
            table = self._open(place, key, identity, log)
            if table.index.malformed is None:
                self._memory.put(identity, table)
        return table

    def _open(self, place: Place, key: SymbolKey, identity: str, log: ReadLog) -> BreakpadTable:
        source, info, places = place.source, place.info, self._places

        def read_object(ranges: Sequence[tuple[int, int]]) -> list[bytes]:
            with _expecting(places, key, place), self._pauses.asking(source):
                return source.bucket.read_ranges(info.key, ranges, if_match=info.etag)

        if not source.remote and (index := _own_index(source, key, info, log)):
            return BreakpadTable(index, BlockReader(index, read_object))
        entry = self._node_entry(source, key, info, identity, log)
        index, reader = entry.index, BlockReader(entry.index, read_object)
        if entry.copy is not None:
            drop_copy = partial(self._drop_copy, source, info, identity)
            reader = BlockReader(index, entry.copy, drop_copy)
        elif source.remote:
            kept = self._node.kept_blocks(identity, index)
            reader = KeepingReader(index, read_object, kept)
        return BreakpadTable(index, reader)

    def _drop_copy(self, source: Source, info: ObjectInfo, identity: str, log: ReadLog) -> NoReturn:
        """Forget a damaged copy, and have the caller try again, which makes a new one."""
        log.note("node", "damaged")
        self._memory.drop(identity)
        self._node.drop(identity)
        raise ObjectChangedError(source.bucket.name, info.key)

    def _node_entry(
        self, source: Source, key: SymbolKey, info: ObjectInfo, identity: str, log: ReadLog
    ) -> NodeEntry:
        own_id = info.content.metadata.get("object_id") if source.remote else None
        entry = self._node.get(identity, log, own_id)
        if entry is not None:
            return entry
        with self._node.building(identity):
            # Another thread or process may have built it.
            entry = self._node.get(identity, log, own_id)
            if entry is None:
                entry = self._shared_entry(key, identity, log, own_id)
            if entry is None:
                build = partial(self._index, source, key, info, log)
                entry = self._node.put(identity, build, own_id)
                if self._shared is not None:
                    self._shared.store(key, identity, entry)
            return entry

    def _index(
        self,
        source: Source,
        key: SymbolKey,
        info: ObjectInfo,
        log: ReadLog,
        write: Callable[[bytes], object],
    ) -> SymbolIndex:
        """Fetch the index of one of our own objects, or make one."""
        if source.remote:
            with self._pauses.asking(source):
                index = _own_index(source, key, info, log)
            if index is not None:
                return index
        return self._scan(source, info, log, write)

    def _scan(
        self, source: Source, info: ObjectInfo, log: ReadLog, write: Callable[[bytes], object]
    ) -> SymbolIndex:
        started = time.perf_counter()
        object_id, text_size = secrets.token_hex(16), 0
        with (
            self._pauses.asking(source),
            source.bucket.open(info.key, if_match=info.etag) as reader,
        ):
            try:
                index = index_stream(reader, write, object_id=object_id)
                text_size = index.text_size
            except MalformedSymbolFileError as error:
                index = malformed_index(object_id, info.size, error.reason)
        log.storage.add(info.size, text_size, time.perf_counter() - started)
        return index

    def _shared_entry(
        self, key: SymbolKey, identity: str, log: ReadLog, own_id: str | None
    ) -> NodeEntry | None:
        """Bring an entry that another node made into the node's tier."""
        if self._shared is None:
            return None
        started, entry = time.perf_counter(), None
        with suppress(NotSharedError):
            entry = self._node.put(identity, partial(self._shared.load, key, identity), own_id)
        log.note("shared", "hit" if entry else "miss")
        fetched = entry.index.object_size if entry and entry.copy else 0
        log.cache.add(fetched, 0, time.perf_counter() - started)
        return entry


def _keys_of(modules: Iterable[tuple[str, str]]) -> Iterable[SymbolKey]:
    for module in modules:
        with suppress(InvalidNameError):
            yield SymbolKey.of_module(*module)


@contextmanager
def _expecting(places: Places, key: SymbolKey, place: Place) -> Iterator[None]:
    """Forget a remembered place whose object has changed or gone: the key must be found anew."""
    try:
        yield
    except (ObjectChangedError, ObjectNotFoundError) as error:
        if not places.forget(key):
            raise
        raise ObjectChangedError(place.source.bucket.name, place.info.key) from error


def _own_index(
    source: Source, key: SymbolKey, info: ObjectInfo, log: ReadLog
) -> SymbolIndex | None:
    """Read the index that an object's metadata names; None when it has none that fits."""
    object_id = info.content.metadata.get("object_id")
    if object_id is None:
        return None
    started = time.perf_counter()
    try:
        with source.bucket.open(source.index_key(key, object_id)) as reader:
            stored = reader.read()
        index = open_index(stored)
    except (ObjectNotFoundError, UnusableIndexError, InvalidNameError):
        return None
    log.storage.add(len(stored), 0, time.perf_counter() - started)
    fits = index.object_id == object_id and index.object_size == info.size
    return index if fits else None
