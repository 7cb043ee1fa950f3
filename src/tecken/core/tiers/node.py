# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The node's tier: a folder of indexes and seekable copies, shared by its worker processes.

Objects that somebody else put in a bucket have no index, and compressed ones cannot be entered in
the middle. They are streamed once and kept here: the index, and of compressed ones the seekable
form. An entry is written under a temporary name and renamed, the copy before the index, so a crash
leaves nothing that could be mistaken for an entry. The folder is bounded by bytes; entries used
longest ago go first, and everything in it may vanish at any moment.
"""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tecken.core.errors import NoRoomError
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.index_file import UnusableIndexError, open_index, save_index
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.ranges import FileRanges

_INDEX = ".index"
_COPY = ".sym.gz"
_TEMPORARY = ".tmp"
_LOCKS = 64


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """An index, and the open seekable copy if the object itself cannot be entered."""

    index: SymbolIndex
    copy: FileRanges | None


class NodeTier:
    """A folder of entries by the identity of their object."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, identity: str, log: ReadLog) -> NodeEntry | None:
        """Return the entry of an object; a damaged one is dropped and not returned."""
        started = perf_counter()
        path = self._path(identity)
        stored = b""
        try:
            stored = path.with_suffix(_INDEX).read_bytes()
            entry = _open_entry(path, open_index(stored))
            os.utime(path.with_suffix(_INDEX))
        except FileNotFoundError:
            return None
        except UnusableIndexError:
            self._drop(path)
            return None
        finally:
            log.cache.add(len(stored), 0, perf_counter() - started)
        return entry

    @contextmanager
    def building(self, identity: str) -> Iterator[None]:
        """Let one thread of one process of this node build an entry while others wait for it."""
        slot = int(self._name(identity), 16) % _LOCKS
        with (self._folder / f"{slot}.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def put(
        self, identity: str, build: Callable[[Callable[[bytes], object]], SymbolIndex]
    ) -> NodeEntry:
        """Build an entry: ``build(write)`` writes the copy, if there is one, and returns the index.

        Raises NoRoomError when the folder cannot be written, and what ``build`` raises.
        """
        path = self._path(identity)
        temporary = path.with_suffix(f".{secrets.token_hex(8)}{_TEMPORARY}")
        try:
            with temporary.open("wb") as copy:
                index = build(copy.write)
            if index.encoding == "gzip":
                temporary.rename(path.with_suffix(_COPY))
            temporary.write_bytes(save_index(index))
            entry = _open_entry(path, index)
            temporary.rename(path.with_suffix(_INDEX))
            self._trim()
        except OSError as trouble:
            raise NoRoomError("symbolication store", None, str(trouble)) from trouble
        finally:
            temporary.unlink(missing_ok=True)
        return entry

    def _name(self, identity: str) -> str:
        return hashlib.sha256(identity.encode()).hexdigest()[:32]

    def _path(self, identity: str) -> Path:
        return self._folder / self._name(identity)

    def _drop(self, path: Path) -> None:
        path.with_suffix(_INDEX).unlink(missing_ok=True)
        path.with_suffix(_COPY).unlink(missing_ok=True)

    def _trim(self) -> None:
        """Drop entries until all fit. A copy is as old as its index says; locks have no bytes."""
        sizes = {entry.name: entry.stat() for entry in os.scandir(self._folder) if entry.is_file()}
        total = sum(status.st_size for status in sizes.values())
        indexes = [name for name in sizes if name.endswith(_INDEX)]
        for name in sorted(indexes, key=lambda name: sizes[name].st_mtime_ns)[:-1]:
            if total <= self._max_bytes:
                break
            path = self._folder / name
            copy = sizes.get(path.with_suffix(_COPY).name)
            total -= sizes[name].st_size + (copy.st_size if copy else 0)
            self._drop(path)


def _open_entry(path: Path, index: SymbolIndex) -> NodeEntry:
    """Raises FileNotFoundError and UnusableIndexError when there is no copy that fits the index."""
    if index.encoding == "identity":
        return NodeEntry(index, None)
    copy = FileRanges.open(path.with_suffix(_COPY))
    if copy.size != index.object_size:
        raise UnusableIndexError("the copy has another size than its index says")
    return NodeEntry(index, copy)
