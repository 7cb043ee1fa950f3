# SPDX-License-Identifier: MPL-2.0

"""What we made of objects that somebody else put in a bucket of ours, stored beside them.

Such an object has no index, and a compressed one cannot be entered in the middle. It was streamed once
to be indexed; what came of it, the index and of compressed ones the seekable copy, goes where the
indexes of our own objects are, so that no node has to stream it again. The object itself stays as it is.

The names are made of the object's ETag: what is found under them is of this version. The copy is
stored before its index.
"""

import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tecken.core.errors import InvalidNameError, ObjectNotFoundError, StorageError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Content, ObjectInfo
from tecken.core.storage.sources import Source
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.index_file import UnusableIndexError, open_index, save_index
from tecken.core.symbols.lookup import ReadLog
from tecken.core.tiers.node import NodeEntry

_COPY_SUFFIX = ".gz"
_CHUNK_BYTES = 1024 * 1024

logger = logging.getLogger(__name__)


def made_id(etag: str) -> str:
    """Return the object id of what is made of a version of an object that has none."""
    return hashlib.sha256(f"made of {etag}".encode()).hexdigest()[:32]


def made_ids(etag: str) -> frozenset[str]:
    """Return the last parts of the keys of all that is made of a version."""
    return frozenset({made_id(etag), made_id(etag) + _COPY_SUFFIX})


@dataclass(frozen=True, slots=True)
class WrittenBack:
    """What is stored beside the objects of some sources.

    ``writers`` has, by the name of a source, the same location opened to write.
    """

    writers: Mapping[str, Source]

    def id_of(self, source: Source, info: ObjectInfo) -> str | None:
        """Return the object id of what is made of an object; None when nothing is stored of it."""
        foreign = "object_id" not in info.content.metadata
        return made_id(info.etag) if foreign and source.name in self.writers else None

    def copy_key(self, source: Source, key: SymbolKey, index: SymbolIndex) -> str:
        """Return where the copy lies that an index made of an object belongs to."""
        return source.index_key(key, index.object_id + _COPY_SUFFIX)

    def read(
        self, source: Source, key: SymbolKey, info: ObjectInfo, log: ReadLog
    ) -> SymbolIndex | None:
        """Return the index that was made of an object; None when it, or its copy, is not there."""
        object_id = self.id_of(source, info)
        if object_id is None:
            return None
        started = time.perf_counter()
        try:
            with source.bucket.open(source.index_key(key, object_id)) as reader:
                stored = reader.read()
            index = open_index(stored)
            size = info.size
            if index.encoding == "gzip":
                size = source.bucket.head(self.copy_key(source, key, index)).size
        except (ObjectNotFoundError, UnusableIndexError, InvalidNameError):
            return None
        log.storage.add(len(stored), 0, time.perf_counter() - started)
        return index if (index.object_id, index.object_size) == (object_id, size) else None

    def write(self, source: Source, key: SymbolKey, info: ObjectInfo, entry: NodeEntry) -> bool:
        """Store what was made of an object; say whether that was done. Errors are no failure."""
        object_id = self.id_of(source, info)
        if object_id is None or entry.index.malformed:
            return False
        writer = self.writers[source.name]
        index = replace(entry.index, object_id=object_id)
        try:
            if entry.copy is not None:
                with writer.bucket.create(self.copy_key(writer, key, index), Content()) as copy:
                    for start in range(0, entry.copy.size, _CHUNK_BYTES):
                        end = min(start + _CHUNK_BYTES, entry.copy.size)
                        copy.write(entry.copy([(start, end)])[0])
            writer.bucket.put(writer.index_key(key, object_id), save_index(index), Content())
        except StorageError as error:
            logger.info("Nothing was stored beside %s: %s", info.key, error)
            return False
        return True

    def drop(self, source: Source, key: SymbolKey, index: SymbolIndex) -> None:
        """Delete an index whose copy turned out to be damaged."""
        try:
            writer = self.writers[source.name]
            writer.bucket.delete(writer.index_key(key, index.object_id))
        except StorageError as error:
            logger.info("The index beside %s stays: %s", key, error)
