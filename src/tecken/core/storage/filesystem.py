# SPDX-License-Identifier: MPL-2.0

"""A bucket in a folder: the key of an object is its path below the folder.

Anyone may add files by hand: a file is an object, with no metadata. What is written here has its
metadata in a sidecar below the reserved folder, one per version of the object::

    v1/xul.pdb/44E4…/xul.sym                                 the object
    .meta/objects/v1/xul.pdb/44E4…/xul.sym/1234-17….json     its metadata and digest; see ``sidecars``
    .meta/tmp/5f0c…                                          an object that is still being written
    .meta/lock                                               held while a name is looked at and changed

A version's sidecar is written first, under a name that no other version has, then one rename makes
the object visible, then the sidecar of the replaced version goes. Readers need no lock: they look
at the object, then for the sidecar of exactly that version, so they never see the metadata of
another, whatever a second process does and wherever one is killed. Writers hold the lock while they
compare what is there with what they expect and rename: a few system calls.
"""

import errno
import functools
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from tecken.core.errors import (
    NoRoomError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageError,
    StorageUnavailableError,
)
from tecken.core.storage.base import (
    ANY_VERSION,
    Content,
    ObjectInfo,
    ObjectReader,
    ObjectWriter,
)
from tecken.core.storage.folder_files import FileReader, FileWriter, RangeReader
from tecken.core.storage.folder_lock import FolderLock
from tecken.core.storage.heads import heads_one_by_one
from tecken.core.storage.keys import RESERVED_FOLDER, check_object_key
from tecken.core.storage.sidecars import (
    NOT_DESCRIBED,
    Described,
    Sidecars,
    in_folder,
    new_digest,
    remove_empty_folders,
)
from tecken.core.tempfiles.spooling import FreeSpace

# What a file system says of a key that cannot be there: it is a folder, a parent is a file, a name
# is too long.
_NOT_THERE = {errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG}
_UNFIT_PATH = {errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.ENAMETOOLONG}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_ATTEMPTS = 20  # an object may be replaced between a look at it and at its sidecar
_WRITE_BUFFER_BYTES = 256 * 1024


class FolderBucket:
    """A ``Bucket`` in a folder that exists; ``name`` is the folder's own name unless given.

    The folder is made by ``make`` alone: one that has vanished (an unmounted disk, say) is
    StorageUnavailableError, not an empty bucket.
    """

    def __init__(self, folder: Path, name: str | None = None, min_free_bytes: int = 0) -> None:
        self.folder = folder
        self._folder = str(folder)
        self.name = name or folder.name
        self._free_space = FreeSpace(folder, min_free_bytes, self.name)
        self._sidecars = Sidecars(folder)
        self._temporary = folder / RESERVED_FOLDER / "tmp"
        self._lock = FolderLock(folder / RESERVED_FOLDER / "lock", folder)

    def head(self, key: str) -> ObjectInfo:
        """Return what is known of the current version. Raises ObjectNotFoundError."""
        check_object_key(key)
        path = f"{self._folder}/{key}"  # redirects do this most, and a Path takes its time
        try:
            for _ in range(_ATTEMPTS):
                info = self._describe(key, os.stat(path))
                if info is not None:
                    return info
        except OSError as error:
            raise self._not_read(key, error) from error
        raise StorageUnavailableError(self.name, key, "replaced again and again")

    def heads(self, keys: Iterable[str]) -> Iterator[tuple[str, ObjectInfo | None]]:
        """Yield each key with what is known of its object, None without one."""
        return heads_one_by_one(self, keys)

    def open(
        self, key: str, *, if_match: str | None = None
    ) -> AbstractContextManager[ObjectReader]:
        """Open the whole object; the reader has a ``fileno()`` to send the file from."""
        return closing(self._open(key, if_match))

    def open_range(
        self, key: str, start: int, end: int, *, if_match: str | None = None
    ) -> AbstractContextManager[ObjectReader]:
        """Open bytes ``start`` (included) to ``end`` (excluded, cut at the object's end)."""
        return closing(RangeReader(self._open(key, if_match), start, end))

    def read_ranges(
        self, key: str, ranges: Sequence[tuple[int, int]], *, if_match: str | None = None
    ) -> list[bytes]:
        """Read several ``(start, end)`` ranges of one version, in order."""
        with closing(self._open(key, if_match)) as reader, self._reading(key):
            return [os.pread(reader.fileno(), max(0, end - start), start) for start, end in ranges]

    @contextmanager
    def create(self, key: str, content: Content) -> Iterator[ObjectWriter]:
        """Write an object chunk by chunk; it replaces the key when the block ends well."""
        with self._temporary_file(key) as (temporary, file):
            publish = functools.partial(self._publish, key, temporary, file, content)
            writing = functools.partial(self._writing, key)
            writer = FileWriter(file, self._free_space, writing, publish)
            yield writer
            writer.finish()

    def put(self, key: str, data: bytes, content: Content) -> ObjectInfo:
        """Write a small object in one go."""
        with self._temporary_file(key) as (temporary, file):
            with self._writing(key):
                for portion in self._free_space.portions(data):
                    file.write(portion)
            digest = new_digest()
            digest.update(data)
            return self._publish(key, temporary, file, content, digest.hexdigest(), ANY_VERSION)

    def check_room(self, size: int) -> None:
        """Refuse to begin writing more than the disk has room for. Raises NoRoomError."""
        self._free_space.check(size)

    def delete(self, key: str) -> None:
        """Delete an object, its metadata, and the folders that are empty without it."""
        path = self._path(key)
        with suppress(ObjectNotFoundError), self._reading(key), self._lock.held():
            version = path.stat()
            if stat.S_ISREG(version.st_mode):
                path.unlink()
                remove_empty_folders(path.parent, self.folder)
                self._sidecars.remove(key, version)

    def delete_all(self, keys: Sequence[str]) -> None:
        """Delete many objects."""
        for key in keys:
            self.delete(key)

    def list(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Yield the objects whose keys begin with ``prefix`` and follow ``after``, in their order.

        No more than one folder of each level is in memory.
        """
        self.check()
        folder_key, slash, name_prefix = prefix.rpartition("/")
        if slash:
            check_object_key(folder_key)
        for key in self._keys(folder_key + slash, name_prefix, after):
            with suppress(ObjectNotFoundError):  # deleted since its folder was read
                yield self.head(key)

    def url_of(self, key: str) -> str | None:
        """A folder has no web server of its own."""
        return None

    def prepare(self) -> None:
        """Nothing is slow the first time."""

    def check(self) -> None:
        """Ask whether the bucket can be used at all. Raises StorageUnavailableError."""
        try:
            with os.scandir(self.folder):
                pass
        except OSError as error:
            raise StorageUnavailableError(self.name, None, _reason(error)) from error

    def make(self) -> None:
        """Make the folder and those above it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(self.name, None, _reason(error)) from error

    def sweep_temporary(self, prefix: str, older_than_seconds: float) -> int:
        """Delete what killed writers left unfinished; return how many objects that were."""
        oldest = time.time() - older_than_seconds
        swept = 0
        for path in self._temporary.glob("*"):
            with suppress(FileNotFoundError):  # finished, or swept by somebody else
                if path.stat().st_mtime < oldest:
                    path.unlink()
                    swept += 1
        return swept

    def sweep_metadata(self, older_than_seconds: float) -> int:
        """Delete the sidecars of versions that are gone; return how many."""
        self.check()
        with self._writing(None):
            return self._sidecars.sweep(time.time() - older_than_seconds)

    def _path(self, key: str) -> Path:
        check_object_key(key)
        return self.folder / key

    def _open(self, key: str, if_match: str | None) -> FileReader:
        path = self._path(key)
        with self._reading(key):
            for _ in range(_ATTEMPTS):
                with ExitStack() as opened:
                    file = opened.enter_context(FileIO(path))
                    info = self._describe(key, os.fstat(file.fileno()))
                    if info is None:
                        continue
                    if if_match not in {None, info.etag}:
                        raise ObjectChangedError(self.name, key)
                    opened.pop_all()
                    return FileReader(file, info, functools.partial(self._reading, key))
        raise StorageUnavailableError(self.name, key, "replaced again and again")

    def _describe(self, key: str, version: os.stat_result) -> ObjectInfo | None:
        """Describe a version; None when it was replaced before its sidecar could be read."""
        if not stat.S_ISREG(version.st_mode):
            raise ObjectNotFoundError(self.name, key)
        described = self._sidecars.read(key, version)
        if described is None and _identity((self.folder / key).stat()) != _identity(version):
            return None
        return _info(key, version, described or NOT_DESCRIBED)

    @contextmanager
    def _temporary_file(self, key: str) -> Iterator[tuple[Path, BinaryIO]]:
        """Open a new file; it is deleted unless it was renamed before the block ends."""
        check_object_key(key)
        path = self._temporary / secrets.token_hex(16)
        with self._writing(key):
            file = in_folder(self._temporary, self.folder, functools.partial(_open_new, path))
        try:
            yield path, file
        finally:
            with suppress(OSError):  # closing writes what is left, and there may be no room for it
                file.close()
            path.unlink(missing_ok=True)

    def _publish(
        self,
        key: str,
        temporary: Path,
        file: BinaryIO,
        content: Content,
        digest: str,
        over: str | None,
    ) -> ObjectInfo:
        path = self._path(key)
        with self._writing(key):
            file.flush()
            # The bytes must be on the disk before the name is, or a power cut leaves half an
            # object. Folders are not synchronised: the last seconds may be lost, but only whole.
            os.fsync(file.fileno())
            version, described = self._sidecars.write(key, file.fileno(), content, digest)
            try:
                replace = functools.partial(self._replace, key, temporary, over)
                replaced = in_folder(path.parent, self.folder, replace)
            except (OSError, ObjectChangedError):
                self._sidecars.remove(key, version)
                raise
            if replaced is not None:
                self._sidecars.remove(key, replaced)
        return _info(key, version, described)

    def _replace(self, key: str, temporary: Path, over: str | None) -> os.stat_result | None:
        """Rename a file; return the status of the one it replaced."""
        path = self._path(key)
        with self._lock.held():
            try:
                replaced = path.stat()
            except FileNotFoundError:
                replaced = None
            if over != ANY_VERSION and over != self._etag_of(key, replaced):
                raise ObjectChangedError(self.name, key)
            temporary.replace(path)
        return replaced

    def _etag_of(self, key: str, version: os.stat_result | None) -> str | None:
        """Return the ETag of a version that is there while the lock is held, None of what is no object."""
        if version is None or not stat.S_ISREG(version.st_mode):
            return None
        return _etag(version, self._sidecars.read(key, version) or NOT_DESCRIBED)

    def _keys(self, folder_key: str, name_prefix: str, after: str) -> Iterator[str]:
        """Walk the keys below a folder ("" or ending in "/") in their order."""
        try:
            with self._reading(folder_key), os.scandir(self.folder / folder_key) as entries:
                # A folder is compared with its "/", as in a key: "a.b" comes before "a/b".
                names = sorted(entry.name + "/" * entry.is_dir() for entry in entries)
        except ObjectNotFoundError:
            return
        for name in names:
            key = folder_key + name
            if not name.startswith(name_prefix) or key == f"{RESERVED_FOLDER}/":
                continue
            if name.endswith("/"):
                if key > after or after.startswith(key):
                    yield from self._keys(key, "", after)
            elif key > after:
                yield key

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._not_read(key, error) from error

    def _not_read(self, key: str, error: OSError) -> StorageError:
        """Return what an error says of a key. Raises StorageUnavailableError for a folder that has vanished."""
        if error.errno not in _NOT_THERE:
            return StorageUnavailableError(self.name, key, _reason(error))
        # Most misses: the folder is one, as the error tells, and this is a tenth of what it takes to open it.
        if error.errno != errno.ENOENT or not os.access(self._folder, os.R_OK | os.X_OK):
            self.check()
        return ObjectNotFoundError(self.name, key)

    @contextmanager
    def _writing(self, key: str | None) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise NoRoomError(self.name, key, _reason(error)) from error
            if error.errno in _UNFIT_PATH:
                raise StorageError(self.name, key, f"has no place: {_reason(error)}") from error
            raise StorageUnavailableError(self.name, key, _reason(error)) from error


def _open_new(path: Path) -> BinaryIO:
    return path.open("xb", buffering=_WRITE_BUFFER_BYTES)


def _info(key: str, version: os.stat_result, described: Described) -> ObjectInfo:
    modified = datetime.fromtimestamp(version.st_mtime, UTC)
    etag = _etag(version, described)
    return ObjectInfo(key, version.st_size, etag, modified, described.content)


def _etag(version: os.stat_result, described: Described) -> str:
    """Return the ETag: of a file put there by hand its identity is all that is known of its version."""
    return described.etag or "-".join(f"{number:x}" for number in _identity(version))


def _identity(version: os.stat_result) -> tuple[int, int, int]:
    return version.st_ino, version.st_size, version.st_mtime_ns


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
