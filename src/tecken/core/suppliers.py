# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Find the symbol table of a symbol key in an ordered list of sources.

For our own objects, whose metadata names their index, the index is read and then single blocks.
Anything else that lies in a bucket is streamed once, indexed, and kept in the node's tier.

"Not there" is remembered for a minute, under the key's generation: an upload ends it at once, in
every worker process. That a source could not be asked is never remembered.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import NoReturn

from tecken.core.errors import InvalidNameError, ObjectChangedError, ObjectNotFoundError
from tecken.core.generations import Generations
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.index_file import UnusableIndexError, open_index
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.scan import index_stream
from tecken.core.symbols.table import BreakpadTable
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeEntry, NodeTier

NOT_FOUND_SECONDS = 60
_MAX_REMEMBERED_MISSES = 100_000


class Supplier:
    """Finds symbol tables; one per process. ``sources`` are asked in order."""

    def __init__(
        self,
        sources: Sequence[Source],
        memory: MemoryTier,
        node: NodeTier,
        generations: Generations,
    ) -> None:
        self._sources = sources
        self._memory = memory
        self._node = node
        self._generations = generations
        self._misses: dict[SymbolKey, tuple[int, float]] = {}

    def table_of(self, key: SymbolKey, log: ReadLog) -> BreakpadTable:
        """Return the table of the first source that has the key.

        Raises ObjectNotFoundError, MalformedSymbolFileError, and StorageError when a source that
        comes before any that has the key could not be asked.
        """
        [generation] = self._generations.read([str(key)])
        now = time.monotonic()
        missed_in, remembered_until = self._misses.get(key, (None, now))
        if missed_in != generation or remembered_until <= now:
            for source in self._sources:
                with suppress(ObjectNotFoundError):
                    return self._table_in(source, key, log)
            if len(self._misses) >= _MAX_REMEMBERED_MISSES:
                self._misses.clear()
            self._misses[key] = generation, now + NOT_FOUND_SECONDS
        raise ObjectNotFoundError("all sources", str(key))

    def trim(self) -> None:
        """Keep the memory tier within its bounds; called after lookups."""
        self._memory.trim()

    def _table_in(self, source: Source, key: SymbolKey, log: ReadLog) -> BreakpadTable:
        info = source.bucket.head(source.object_key(key))
        identity = f"{source.url}:{info.key}:{info.etag}"
        table = self._memory.get(identity)
        if table is None:
            table = self._open(source, key, info, identity, log)
            self._memory.put(identity, table)
        return table

    def _open(
        self, source: Source, key: SymbolKey, info: ObjectInfo, identity: str, log: ReadLog
    ) -> BreakpadTable:
        read_object = partial(source.bucket.read_ranges, info.key, if_match=info.etag)
        index = _own_index(source, key, info, log)
        if index is not None:
            return BreakpadTable(index, BlockReader(index, read_object))
        entry = self._node_entry(source, info, identity, log)
        if entry.copy is None:
            return BreakpadTable(entry.index, BlockReader(entry.index, read_object))
        drop_copy = partial(self._drop_copy, source, info, identity)
        return BreakpadTable(entry.index, BlockReader(entry.index, entry.copy, drop_copy))

    def _drop_copy(self, source: Source, info: ObjectInfo, identity: str) -> NoReturn:
        """Forget a damaged copy, and have the caller try again, which makes a new one."""
        self._memory.drop(identity)
        self._node.drop(identity)
        raise ObjectChangedError(source.bucket.name, info.key)

    def _node_entry(
        self, source: Source, info: ObjectInfo, identity: str, log: ReadLog
    ) -> NodeEntry:
        entry = self._node.get(identity, log)
        if entry is not None:
            return entry
        with self._node.building(identity):
            entry = self._node.get(identity, log)  # another thread or process may have built it
            return entry or self._node.put(identity, partial(_scan, source, info, log))


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


def _scan(
    source: Source, info: ObjectInfo, log: ReadLog, write: Callable[[bytes], object]
) -> SymbolIndex:
    started = time.perf_counter()
    with source.bucket.open(info.key, if_match=info.etag) as reader:
        index = index_stream(reader, write, object_id=secrets.token_hex(16))
    log.storage.add(info.size, index.text_size, time.perf_counter() - started)
    return index
