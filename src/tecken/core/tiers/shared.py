# SPDX-License-Identifier: MPL-2.0

"""The tier that all nodes share: a Redis with what one of them made of a foreign object.

Such an object was streamed once to be indexed. What came of it, the index and of compressed objects
the seekable copy, is kept here too, so that another node fetches it instead of streaming the object
again. Nothing expires but that an object is damaged: Redis drops what was used longest ago, chunk by chunk, and may lose anything
at any time. An entry of which anything is missing, damaged or of another object is no entry.

``symbol:<hash of the source URLs>:<debug file>/<debug id>`` has the index, and that name followed by
``:0``, ``:1`` and so on the parts of the copy.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from isal import isal_zlib
from redis import Redis
from redis.exceptions import RedisError

from tecken.core.identifiers import SymbolKey
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.index_file import UnusableIndexError, open_index, save_index
from tecken.core.symbols.ranges import FileRanges
from tecken.core.tiers.node import MALFORMED_SECONDS, NodeEntry

PART_BYTES: Final = 1024 * 1024
# What has more would push out too much else. Some 800 MB of text fit.
MAX_COPY_BYTES: Final = 128 * 1024 * 1024
# A Redis that takes longer for an entry is no help: the object itself is there to be read.
MAX_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)


class NotSharedError(Exception):
    """The tier has no whole entry of the object, or cannot say."""


class _Entry(msgspec.Struct, array_like=True):
    identity: str
    checksums: list[int]  # the CRC-32 of each part of the copy
    index: bytes


_ENTRY = msgspec.msgpack.Decoder(_Entry)


class SharedTier:
    """Entries by symbol key, each of one version of one object."""

    def __init__(self, redis: Redis, source_urls: Sequence[str]) -> None:
        self._redis = redis
        self._sources = hashlib.sha256("\n".join(source_urls).encode()).hexdigest()[:8]

    def load(self, key: SymbolKey, identity: str, write: Callable[[bytes], object]) -> SymbolIndex:
        """Return the index of an object, after its copy, if it has one, went out through ``write``.

        Raises NotSharedError, perhaps in the middle of the copy.
        """
        name = self._name(key)
        try:
            entry = _ENTRY.decode(self._get(name))
            index = open_index(entry.index)
            if entry.identity != identity:
                raise NotSharedError(f"{name} is of another object")
            deadline = _deadline()
            for number, checksum in enumerate(entry.checksums):
                part = self._get(f"{name}:{number}")
                if isal_zlib.crc32(part) != checksum:
                    raise NotSharedError(f"{name}:{number} is of another copy")
                _check(deadline)
                write(part)
        except (RedisError, msgspec.MsgspecError, UnusableIndexError) as error:
            raise NotSharedError(f"{name}: {error}") from error
        return index

    def store(self, key: SymbolKey, identity: str, entry: NodeEntry) -> None:
        """Keep an entry for other nodes. What is too large, or cannot be written, is not kept."""
        if entry.copy is not None and entry.copy.size > MAX_COPY_BYTES:
            return
        name = self._name(key)
        try:
            checksums = [] if entry.copy is None else self._store_copy(name, entry.copy)
            stored = _Entry(identity, checksums, save_index(entry.index))
            lifetime = MALFORMED_SECONDS if entry.index.malformed else None
            self._redis.set(name, msgspec.msgpack.encode(stored), ex=lifetime)
        except (RedisError, NotSharedError) as error:
            logger.info("Nothing was shared of %s: %s", name, error)

    def _store_copy(self, name: str, copy: FileRanges) -> list[int]:
        deadline, checksums = _deadline(), []
        for number, start in enumerate(range(0, copy.size, PART_BYTES)):
            [part] = copy([(start, min(start + PART_BYTES, copy.size))])
            self._redis.set(f"{name}:{number}", part)
            checksums.append(isal_zlib.crc32(part))
            _check(deadline)
        return checksums

    def _get(self, name: str) -> bytes:
        value = self._redis.get(name)
        if not isinstance(value, bytes):
            raise NotSharedError(f"{name} is not there")
        return value

    def _name(self, key: SymbolKey) -> str:
        return f"symbol:{self._sources}:{key.debug_file}/{key.debug_id}"


def _deadline() -> float:
    return time.monotonic() + MAX_SECONDS


def _check(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise NotSharedError(f"Redis took more than {MAX_SECONDS:g} s")
