# SPDX-License-Identifier: MPL-2.0

"""What a node has of the objects that lie in buckets, made where it is not there yet.

Of an object that names its index, that is fetched. Any other is streamed once and indexed. An answer
waits for that, so its text is kept as it comes; what takes longer is done later: the seekable copy in
place of the text, the copy for other nodes, and the one beside the object where the bucket is ours.
"""

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from tecken.core.concurrency.later import Later
from tecken.core.errors import InvalidNameError, MalformedSymbolFileError, ObjectNotFoundError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.locator import Found
from tecken.core.locating.source_pauses import SourcePauses
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source
from tecken.core.symbols.index import SymbolIndex, malformed_index
from tecken.core.symbols.index_file import UnusableIndexError, open_index
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.scan import Readable, Write, index_as_text, index_stream
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeEntry, NodeTier
from tecken.core.tiers.shared import NotSharedError, SharedTier
from tecken.core.tiers.written_back import WrittenBack


@dataclass(frozen=True, slots=True)
class NodeEntries:
    """Finds entries in the node's tier, or makes them."""

    memory: MemoryTier
    node: NodeTier
    shared: SharedTier | None
    pauses: SourcePauses
    written: WrittenBack
    later: Later

    def stored_index(self, found: Found, log: ReadLog) -> SymbolIndex | None:
        """Read an index that lies in the bucket; None when there is none that fits."""
        source, key, info = found.source, found.key, found.info
        return own_index(source, key, info, log) or self.written.read(source, key, info, log)

    def entry_of(self, found: Found, log: ReadLog) -> NodeEntry:
        """Return the entry of an object. One thread of one process of the node makes it.

        Raises StorageError.
        """
        identity, stored_id = found.identity, self._stored_id(found)
        entry = self.node.get(identity, log, stored_id)
        if entry is None:
            with self.node.building(identity):
                # Another thread or process may have built it.
                entry = (
                    self.node.get(identity, log, stored_id)
                    or self._shared_entry(found, stored_id, log)
                    or self._fetched_entry(found, stored_id, log)
                    or self._scanned_entry(found, log)
                )
        if entry.as_text:
            self.later(identity, partial(self._finish, found))
        return entry

    def _stored_id(self, found: Found) -> str | None:
        """Return the object id of an index in the bucket, whether it is there or not.

        An entry that has it needs no copy. Objects that lie near have none: nothing is kept of
        those that an index lies beside.
        """
        if not found.source.remote:
            return None
        own_id = found.info.content.metadata.get("object_id")
        return own_id or self.written.id_of(found.source, found.info)

    def _fetched_entry(self, found: Found, stored_id: str | None, log: ReadLog) -> NodeEntry | None:
        if not found.source.remote:
            return None
        with self.pauses.asking(found.source, found.key):
            index = self.stored_index(found, log)
        if index is None:
            return None
        entry = self.node.put(found.identity, lambda _: index, stored_id)
        if self.shared is not None:
            self.shared.store(found.key, found.identity, entry)
        return entry

    def _scanned_entry(self, found: Found, log: ReadLog) -> NodeEntry:
        identity = found.identity
        entry = self.node.put_text(identity, partial(self._scan, found, log, index_as_text))
        if entry is None:
            entry = self.node.put(identity, partial(self._scan, found, log, index_stream))
        if not entry.as_text:
            self.later(identity, partial(self._hand_on, found, entry))
        return entry

    def _scan(
        self, found: Found, log: ReadLog, index_object: "_IndexObject", write: Write
    ) -> SymbolIndex:
        source, info = found.source, found.info
        started = time.perf_counter()
        object_id, text_size = secrets.token_hex(16), 0
        with (
            self.pauses.asking(source, found.key),
            source.bucket.open(info.key, if_match=info.etag) as reader,
        ):
            try:
                index = index_object(reader, write, object_id=object_id)
                text_size = index.text_size
            except MalformedSymbolFileError as error:
                index = malformed_index(object_id, info.size, error.reason)
        log.storage.add(info.size, text_size, time.perf_counter() - started)
        return index

    def _shared_entry(self, found: Found, stored_id: str | None, log: ReadLog) -> NodeEntry | None:
        """Bring an entry that another node made into the node's tier."""
        if self.shared is None:
            return None
        started, entry = time.perf_counter(), None
        load = partial(self.shared.load, found.key, found.identity)
        with suppress(NotSharedError):
            entry = self.node.put(found.identity, load, stored_id)
        log.note("shared", "hit" if entry else "miss")
        fetched = entry.index.object_size if entry and entry.copy else 0
        log.cache.add(fetched, 0, time.perf_counter() - started)
        return entry

    def _finish(self, found: Found) -> None:
        """Make the seekable copy of an entry that has the text."""
        entry = self.node.compact(found.identity)
        if entry is not None:
            self.memory.drop(found.identity)
            self._hand_on(found, entry)

    def _hand_on(self, found: Found, entry: NodeEntry) -> None:
        """Let others have what was made of an object; what lies beside one that is near is enough."""
        if self.shared is not None:
            self.shared.store(found.key, found.identity, entry)
        written = self.written.write(found.source, found.key, found.info, entry)
        if written and not found.source.remote:
            self.node.drop(found.identity)
            self.memory.drop(found.identity)


class _IndexObject(Protocol):
    def __call__(self, stream: Readable, write: Write, /, *, object_id: str) -> SymbolIndex:
        """Index a symbol file."""


def own_index(source: Source, key: SymbolKey, info: ObjectInfo, log: ReadLog) -> SymbolIndex | None:
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
