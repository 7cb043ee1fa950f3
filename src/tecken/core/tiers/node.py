# SPDX-License-Identifier: MPL-2.0

"""The node's tier: a folder of indexes, blocks and seekable copies, shared by its worker processes.

Of remote objects, on another server, the index is kept and what was read of their blocks.

Objects that somebody else put in a bucket have no index, and compressed ones cannot be entered in
the middle. They are streamed once and kept here: the index, and of compressed ones the text, which is
the quickest to make, until ``compact`` has made the seekable form of it. Of damaged ones the index
says so, for an hour: then they are tried again, in case it was not the object that was damaged.

An entry is written under a temporary name and renamed, the copy before the index, so a crash leaves
nothing that could be mistaken for an entry; the text is dropped after the seekable form is there.
The folder is bounded by bytes; entries used longest ago go first (``entry_table`` knows which), and
everything in it, and the folder, may vanish at any moment. Where it cannot be used, tables are built
for one process alone.
"""

import hashlib
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tecken.core.batches import batches
from tecken.core.concurrency.file_lock import node_lock
from tecken.core.errors import MalformedSymbolFileError, NoRoomError
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.index_file import UnusableIndexError, open_index, save_index
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.ranges import FileRanges
from tecken.core.symbols.seekable import compress_text
from tecken.core.tiers.entry_table import EntryTable, Measured
from tecken.core.tiers.kept_blocks import KeptBlocks


class _Form(NamedTuple):
    """The names of the index and of the copy that belongs to it."""

    index_kind: str
    copy_kind: str


_SEEKABLE = _Form(".index", ".sym.gz")
_TEXT = _Form(".text-index", ".text")  # until it is compacted
# In this order an entry is found, also while it is compacted: the seekable copy is there before the text goes.
_LOOKED_FOR = (_SEEKABLE, _TEXT, _SEEKABLE)
_BLOCKS = ".blocks"
_KINDS = (*_SEEKABLE, *_TEXT, _BLOCKS)
_INDEX_KINDS = (_SEEKABLE.index_kind, _TEXT.index_kind)
_TEMPORARY = ".tmp"
MALFORMED_SECONDS = 3600
_FILES_AT_ONCE = 500
_UNFINISHED_SECONDS = 3600  # a file that nobody wrote to for so long was left by a killed process

Build = Callable[[Callable[[bytes], object]], SymbolIndex]


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """An index, and the open copy if the object itself cannot be entered.

    The copy is seekable or, ``as_text``, waits to be compacted.
    In this module ``own_id`` is the object id of an object that can, as it was uploaded to us.
    """

    index: SymbolIndex
    copy: FileRanges | None
    as_text: bool = False


class _TextTooLongError(Exception):
    """A text takes more room than it may."""


class NodeTier:
    """A folder of entries by the identity of their object."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._table = EntryTable(folder, self._measure, self._drop_files)

    def get(self, identity: str, log: ReadLog, own_id: str | None = None) -> NodeEntry | None:
        """Return the entry of an object; a damaged one is dropped and not returned."""
        started = time.perf_counter()
        path = self._path(identity)
        size = 0
        try:
            form, entry, size = _read_entry(path, own_id)
            if entry.index.malformed is None:
                with suppress(FileNotFoundError):  # a text is compacted meanwhile
                    os.utime(path.with_suffix(form.index_kind))
            elif (
                path.with_suffix(form.index_kind).stat().st_mtime < time.time() - MALFORMED_SECONDS
            ):
                raise FileNotFoundError
        except FileNotFoundError:
            log.note("node", "miss")
            return None
        except (OSError, UnusableIndexError):
            log.note("node", "damaged")
            self.drop(identity)
            return None
        finally:
            log.cache.add(size, 0, time.perf_counter() - started)
        log.note("node", "hit")
        return entry

    def building(self, identity: str) -> AbstractContextManager[bool]:
        """Let one thread of one process of this node build an entry while others wait for it."""
        return node_lock(self._folder, identity)

    def put(self, identity: str, build: Build, own_id: str | None = None) -> NodeEntry:
        """Build an entry: ``build(write)`` writes the copy, if there is one, and returns the index.

        Where the folder cannot be written, the entry is built once more and kept by its user alone.
        Raises NoRoomError when there is no room for that either, and what ``build`` raises.
        """
        try:
            return self._put(self._path(identity), build, own_id)
        except (OSError, UnusableIndexError):
            pass  # a cache that fails makes us slower, not wrong
        try:
            return _build_for_one(build, own_id)
        except OSError as failure:
            raise NoRoomError("node cache", None, str(failure)) from failure

    def put_text(self, identity: str, build: Build) -> NodeEntry | None:
        """Build an entry whose copy, if it needs one, is the text that goes out through ``write``.

        None when the folder cannot be written, or the text takes more than a quarter of it.
        Raises what ``build`` raises.
        """
        path, temporary = self._path(identity), _temporary(self._path(identity))
        try:
            with temporary.open("wb", buffering=0) as copy:
                index = build(_bounded(copy.write, self._max_bytes // 4))
                form = _TEXT if copy.tell() and not index.malformed else _SEEKABLE
            return self._keep(path, form, index, temporary)
        except (OSError, UnusableIndexError, _TextTooLongError):
            return None
        finally:
            with suppress(OSError):
                temporary.unlink()

    def compact(self, identity: str) -> NodeEntry | None:
        """Make the seekable copy of an entry that has the text, in its place.

        None when there is none, or it cannot be made now: whoever comes next may try again.
        """
        path = self._path(identity)
        temporary = _temporary(path)
        try:
            stored = path.with_suffix(_TEXT.index_kind).read_bytes()
            of_text = _open_entry(path, _TEXT, open_index(stored), None)
            with temporary.open("wb") as copy:
                index = compress_text(
                    of_text.index, _texts(of_text), copy.write, object_id=secrets.token_hex(16)
                )
            temporary.rename(path.with_suffix(_SEEKABLE.copy_kind))
            entry = self._keep(path, _SEEKABLE, index, temporary)
            for name in _TEXT:
                path.with_suffix(name).unlink(missing_ok=True)
            self._note(path)
        except FileNotFoundError:
            return None
        except (OSError, UnusableIndexError, MalformedSymbolFileError):
            self.drop(identity)
            return None
        finally:
            with suppress(OSError):
                temporary.unlink()
        return entry

    def kept_blocks(self, identity: str, index: SymbolIndex) -> KeptBlocks:
        """Return what there is of the blocks of a remote object, and keeps more of them.

        Its index is kept with them: it says when they were last used.
        """
        path = self._path(identity)

        def used() -> None:
            try:
                os.utime(path.with_suffix(_SEEKABLE.index_kind))
            except FileNotFoundError:
                self._folder.mkdir(parents=True, exist_ok=True)
                temporary = _temporary(path)
                temporary.write_bytes(save_index(index))
                temporary.rename(path.with_suffix(_SEEKABLE.index_kind))
                self._note(path)

        return KeptBlocks(path.with_suffix(_BLOCKS), used, lambda: self._note(path))

    def taken_bytes(self) -> int:
        """Return what the entries take, as they were noted. Raises OSError."""
        return self._table.taken_bytes()

    def drop(self, identity: str) -> None:
        """Forget an entry that turned out to be damaged."""
        name = self._name(identity)
        self._drop_files(name)
        with suppress(OSError):
            self._table.forget(name)

    def _put(self, path: Path, build: Build, own_id: str | None) -> NodeEntry:
        temporary = _temporary(path)
        try:
            with temporary.open("wb") as copy:
                index = build(copy.write)
            if _needs_copy(index, own_id):
                temporary.rename(path.with_suffix(_SEEKABLE.copy_kind))
            return self._keep(path, _SEEKABLE, index, temporary, own_id)
        finally:
            with suppress(OSError):
                temporary.unlink()

    def _keep(
        self,
        path: Path,
        form: _Form,
        index: SymbolIndex,
        temporary: Path,
        own_id: str | None = None,
    ) -> NodeEntry:
        """Write the index, which makes the entry one; a text lies in the temporary file till then."""
        if form is _TEXT:
            temporary.rename(path.with_suffix(_TEXT.copy_kind))
        temporary.write_bytes(save_index(index))
        entry = _open_entry(path, form, index, own_id)
        temporary.rename(path.with_suffix(form.index_kind))
        self._note(path)
        return entry

    def _name(self, identity: str) -> str:
        return hashlib.sha256(identity.encode()).hexdigest()[:32]

    def _path(self, identity: str) -> Path:
        return self._folder / self._name(identity)

    def _note(self, path: Path) -> None:
        """Note what an entry takes now. One that cannot be noted is not kept: whoever has it open may
        go on, but nobody would know that it is to be dropped.
        """
        try:
            scanned = self._table.note(path.name, self._max_bytes)
        except OSError:
            self._drop_files(path.name)
            return
        if scanned == 0:
            self._look_through()
        elif scanned is not None:
            # Nobody should have to wait for it.
            threading.Thread(target=self._look_through, name="node-folder", daemon=True).start()

    def _drop_files(self, name: str) -> None:
        with suppress(OSError):
            for kind in _KINDS:
                (self._folder / (name + kind)).unlink(missing_ok=True)

    def _measure(self, name: str) -> Measured | None:
        """Return what an entry takes; it was used when one of its indexes was touched."""
        size = used = 0
        for kind in _KINDS:
            with suppress(FileNotFoundError):
                status = os.stat(f"{self._folder}/{name}{kind}")
                size += _bytes_on_disk(status)
                if kind in _INDEX_KINDS:
                    used = max(used, status.st_mtime_ns)
        return Measured(size, used) if used else None

    def _look_through(self) -> None:
        """Find what processes that were killed, or people, have left or taken away.

        Takes constant memory, and as long as the folder is large: it is done now and then. The folder
        of a version that had no table becomes known by it.
        """
        with suppress(OSError):
            with os.scandir(self._folder) as files:
                for some in batches(files, _FILES_AT_ONCE):
                    self._sweep(some)
                    self._table.adopt(
                        {_entry_of(file.name) for file in some if file.name.endswith(_INDEX_KINDS)}
                    )
            self._table.forget_missing()
            self._table.make_room(self._max_bytes)

    def _sweep(self, files: Iterable["os.DirEntry[str]"]) -> None:
        """Delete what killed processes left: unfinished files, and what has no index."""
        oldest = time.time() - _UNFINISHED_SECONDS
        for file in files:
            with suppress(FileNotFoundError):  # another process has just dropped it
                if file.stat().st_mtime < oldest and self._is_leftover(file.name):
                    os.unlink(file.path)

    def _is_leftover(self, name: str) -> bool:
        def has(form: _Form) -> bool:
            return (self._folder / (_entry_of(name) + form.index_kind)).exists()

        if name.endswith((_SEEKABLE.copy_kind, _BLOCKS)):
            return not has(_SEEKABLE)
        if name.endswith(_TEXT):
            return not has(_TEXT) or has(_SEEKABLE)
        return name.endswith(_TEMPORARY)


def _entry_of(name: str) -> str:
    return name.partition(".")[0]


def _bytes_on_disk(status: os.stat_result) -> int:
    """Holes in a file take no room."""
    return min(status.st_size, status.st_blocks * 512)


def _temporary(path: Path) -> Path:
    return path.with_suffix(f".{secrets.token_hex(8)}{_TEMPORARY}")


def _needs_copy(index: SymbolIndex, own_id: str | None) -> bool:
    return index.encoding == "gzip" and index.object_id != own_id


def _read_entry(path: Path, own_id: str | None) -> tuple[_Form, NodeEntry, int]:
    """Read an entry, and say in which form and how large its index is.

    Raises FileNotFoundError and UnusableIndexError.
    """
    for form in _LOOKED_FOR:
        with suppress(FileNotFoundError):
            stored = path.with_suffix(form.index_kind).read_bytes()
            return form, _open_entry(path, form, open_index(stored), own_id), len(stored)
    raise FileNotFoundError(path)


def _open_entry(path: Path, form: _Form, index: SymbolIndex, own_id: str | None) -> NodeEntry:
    """Raises FileNotFoundError and UnusableIndexError when there is no copy that fits the index."""
    if form is _SEEKABLE and not _needs_copy(index, own_id):
        return NodeEntry(index, None)
    copy = FileRanges.open(path.with_suffix(form.copy_kind))
    if copy.size != index.object_size:
        raise UnusableIndexError("the copy has another size than its index says")
    return NodeEntry(index, copy, form is _TEXT)


def _texts(entry: NodeEntry) -> Iterator[bytes]:
    """Yield the blocks of an entry that has the text."""
    if entry.copy is not None:
        for extent in pairwise(entry.index.table.offsets):
            yield from entry.copy([extent])


def _bounded(write: Callable[[bytes], object], max_bytes: int) -> Callable[[bytes], None]:
    left = max_bytes

    def write_within(data: bytes) -> None:
        nonlocal left
        left -= len(data)
        if left < 0:
            raise _TextTooLongError
        write(data)

    return write_within


def _build_for_one(build: Build, own_id: str | None) -> NodeEntry:
    """Build an entry whose copy has no name and is gone when nothing refers to it any more."""
    with tempfile.TemporaryFile() as copy:
        index = build(copy.write)
        copy.flush()
        ranges = FileRanges(os.dup(copy.fileno())) if _needs_copy(index, own_id) else None
        return NodeEntry(index, ranges)
