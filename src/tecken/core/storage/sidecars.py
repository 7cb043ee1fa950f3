# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Metadata of the objects of a folder bucket: one JSON file per version of an object.

Below ``.meta/objects`` each key is a folder, with ``<size>-<mtime in ns>.json`` for each version.
"""

import errno
import functools
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

import msgspec

from tecken.core.storage.base import Content
from tecken.core.storage.keys import RESERVED_FOLDER

_CACHED = 4096  # contents kept in memory, some hundred bytes each
_CONTENT_OF_ANY_FILE = Content()
_MAX_BYTES = 1024 * 1024  # what we write has some hundred
_NO_SIDECAR = (
    *(FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError),
    # The second is what the decoder says of bytes that are not UTF-8.
    *(msgspec.DecodeError, UnicodeDecodeError, RecursionError),
)
_ATTEMPTS = 20  # others may delete a folder that is empty just before we use it

T = TypeVar("T")


class Sidecars:
    """The sidecars of the bucket in ``root``. The methods raise OSError as it comes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folder = root / RESERVED_FOLDER / "objects"
        self._folder = str(self.folder)
        self._read = functools.lru_cache(_CACHED)(_read)

    def read(self, key: str, version: os.stat_result) -> Content | None:
        """Return what the sidecar of exactly this version says, or None without a readable one.

        One that is damaged, or is no file, says nothing; what may pass (a disk that fails, too many
        open files) is raised.
        """
        try:
            return self._read(self._name(key, version))
        except _NO_SIDECAR:
            return None

    def write(self, key: str, descriptor: int, content: Content) -> os.stat_result:
        """Write the sidecar of an open file that will become the object; return its status.

        The file gets a time that no other version of the key and its size has: creating the
        sidecar under that name must succeed.
        """
        data = msgspec.json.encode(_Sidecar.of(content))
        # Without its sidecar an object has the content of any file, which may be this one.
        durable = content != _CONTENT_OF_ANY_FILE
        while True:
            now = time.time_ns()
            os.utime(descriptor, ns=(now, now))
            version = os.fstat(descriptor)  # read back: file systems round the time
            path = self._path(key, version)
            if in_folder(
                path.parent, self._root, functools.partial(_write_new, path, data, durable)
            ):
                return version

    def remove(self, key: str, version: os.stat_result) -> None:
        """Delete the sidecar of a version, and folders that are empty without it."""
        path = self._path(key, version)
        with suppress(FileNotFoundError, IsADirectoryError):
            path.unlink()
        remove_empty_folders(path.parent, self.folder)

    def sweep(self, oldest: float) -> int:
        """Delete the sidecars written before ``oldest`` (a time) of versions that are not there.

        A killed writer leaves one, and so does who deletes or replaces an object by hand. Returns
        how many they were.
        """
        swept = 0
        for folder, _, names in os.walk(self.folder):
            key = os.path.relpath(folder, self.folder)
            for path in (Path(folder, name) for name in names):
                with suppress(FileNotFoundError):  # deleted with its object meanwhile
                    if path.stat().st_mtime < oldest and path != self._current(key):
                        path.unlink()
                        swept += 1
            remove_empty_folders(Path(folder), self.folder)
        return swept

    def _current(self, key: str) -> Path | None:
        """Return where the sidecar of an object's current version is, None without an object."""
        try:
            return self._path(key, (self._root / key).stat())
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _path(self, key: str, version: os.stat_result) -> Path:
        return Path(self._name(key, version))

    def _name(self, key: str, version: os.stat_result) -> str:
        return f"{self._folder}/{key}/{version.st_size}-{version.st_mtime_ns}.json"


class _Sidecar(msgspec.Struct):
    """The JSON of a sidecar."""

    content_type: str
    content_encoding: str | None
    metadata: dict[str, str]

    @classmethod
    def of(cls, content: Content) -> Self:
        return cls(content.content_type, content.content_encoding, dict(content.metadata))


def _read(path: str) -> Content:
    with Path(path).open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise msgspec.DecodeError("it is too large")
    found = msgspec.json.decode(data, type=_Sidecar)
    headers = found.content_type + (found.content_encoding or "")
    if not (headers.isascii() and headers.isprintable()):
        raise msgspec.DecodeError("it has what no header can have")
    return Content(found.content_type, found.content_encoding, found.metadata)


def _write_new(path: Path, data: bytes, durable: bool) -> bool:
    """Write a file that must not exist; say whether that was so."""
    try:
        file = path.open("xb")
    except FileExistsError:
        return False
    with file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    return True


def in_folder(folder: Path, root: Path, action: Callable[[], T]) -> T:
    """Run an action that needs a folder below ``root``, making it while somebody removes it."""
    for _ in range(_ATTEMPTS):
        try:
            _make_folder(folder, root)
            return action()
        except FileNotFoundError:
            if not root.exists():
                raise
    raise FileNotFoundError(errno.ENOENT, "Removed again and again", str(folder))


def remove_empty_folders(folder: Path, root: Path) -> None:
    """Remove a folder and its parents below ``root``, up to the first that is not empty."""
    while folder != root:
        try:
            folder.rmdir()
        except OSError:  # not empty, or somebody else removed it
            return
        folder = folder.parent


def _make_folder(folder: Path, root: Path) -> None:
    """Make a folder and its parents, but never the root: a vanished bucket must stay vanished."""
    try:
        folder.mkdir()
    except FileExistsError:
        if folder.is_file():
            raise
    except FileNotFoundError:
        if folder.parent == root:
            raise
        _make_folder(folder.parent, root)
        _make_folder(folder, root)
