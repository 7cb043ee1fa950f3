# SPDX-License-Identifier: MPL-2.0

"""Metadata of the objects of a folder bucket: one JSON file per version of an object.

Below ``.meta/objects`` each key is a folder, with ``<size>-<mtime in ns>.json`` for each version.

The name is for speed. Who copies a folder may give its files other times (``cp -r``, ``rsync``
without ``-t``, a plain ``tar``), so a sidecar has the digest of the object's bytes too. An object
without a sidecar of its time is read once, and the sidecar that has its digest gets a second name.
The ETag is made of that digest and of the metadata, so a copy has those of its original.
"""

import errno
import functools
import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
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

_GZIP_MAGIC = b"\x1f\x8b"
_DIGEST_BYTES = 16

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Described:
    """What a sidecar says; ``etag`` is None in those that versions before 0.9 have written."""

    content: Content
    etag: str | None


NOT_DESCRIBED = Described(_CONTENT_OF_ANY_FILE, None)


def new_digest() -> hashlib.blake2b:
    """Return what the bytes of an object are fed to while they are written."""
    return hashlib.blake2b(digest_size=_DIGEST_BYTES)


class Sidecars:
    """The sidecars of the bucket in ``root``. The methods raise OSError as it comes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folder = root / RESERVED_FOLDER / "objects"
        self._folder = str(self.folder)
        self._read = functools.lru_cache(_CACHED)(_read_described)
        self._match = functools.lru_cache(_CACHED)(self._match_files)

    def read(self, key: str, version: os.stat_result) -> Described | None:
        """Return what the sidecar of this version says, or None without a readable one.

        One that is damaged, or is no file, says nothing; what may pass (a disk that fails, too many
        open files) is raised.
        """
        try:
            return self._read(self._name(key, version))
        except _NO_SIDECAR:
            return self._read_copied(key, version)

    def write(
        self, key: str, descriptor: int, content: Content, digest: str
    ) -> tuple[os.stat_result, Described]:
        """Write the sidecar of an open file that will become the object; return its status.

        The file gets a time that no other version of the key and its size has: creating the
        sidecar under that name must succeed. ``digest`` is that of ``new_digest`` in hexadecimal.
        """
        sidecar = _Sidecar.of(content, digest)
        data = msgspec.json.encode(sidecar)
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
                return version, sidecar.described()

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
                    if path.stat().st_mtime < oldest and path not in self._current(key):
                        path.unlink()
                        swept += 1
            remove_empty_folders(Path(folder), self.folder)
        return swept

    def _current(self, key: str) -> tuple[Path, ...]:
        """Return where the sidecar of an object's current version is, nothing without an object."""
        try:
            version = (self._root / key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return ()
        path = self._path(key, version)
        if path.exists():
            return (path,)
        matched = self._match_of(key, version)
        return () if matched is None else (path, path.with_name(matched[0]))

    def _read_copied(self, key: str, version: os.stat_result) -> Described | None:
        """Return what the sidecar of a file says that has got another time, None without one."""
        matched = self._match_of(key, version)
        return None if matched is None else matched[1]

    def _match_of(self, key: str, version: os.stat_result) -> tuple[str, Described] | None:
        """Return the name of the sidecar that describes a file of another time, and what it says."""
        try:
            names = os.listdir(f"{self._folder}/{key}")
        except _NO_SIDECAR:
            return None
        candidates = sorted(
            (name for name in names if _is_of_size(name, version.st_size)), reverse=True
        )
        if not candidates:
            return None
        identity = (version.st_ino, version.st_size, version.st_mtime_ns)
        matched = self._match(key, identity, tuple(candidates))
        if matched is not None:
            # Where that cannot be done, each process reads the object once.
            with suppress(OSError):
                os.link(f"{self._folder}/{key}/{matched[0]}", self._name(key, version))
        return matched

    def _match_files(
        self, key: str, identity: tuple[int, int, int], candidates: tuple[str, ...]
    ) -> tuple[str, Described] | None:
        """Compare an object with sidecars of its size; None as well when it is replaced meanwhile."""
        sidecars = []
        for name in candidates:
            with suppress(*_NO_SIDECAR):
                sidecars.append((name, _read(f"{self._folder}/{key}/{name}")))
        if not sidecars:
            return None
        try:
            file = open(f"{self._root}/{key}", "rb")  # noqa: SIM115
        except _NO_SIDECAR:
            return None
        with file:
            version = os.fstat(file.fileno())
            if (version.st_ino, version.st_size, version.st_mtime_ns) != identity:
                return None
            digest, is_gzip = _digest_of(file)
        for name, sidecar in sidecars:
            if sidecar.digest == digest:
                return name, sidecar.described()
        for name, sidecar in sidecars:
            # All that there is to compare in one of a version before 0.9.
            if sidecar.digest is None and (sidecar.content_encoding == "gzip") == is_gzip:
                return name, sidecar.described()
        return None

    def _path(self, key: str, version: os.stat_result) -> Path:
        return Path(self._name(key, version))

    def _name(self, key: str, version: os.stat_result) -> str:
        return f"{self._folder}/{key}/{version.st_size}-{version.st_mtime_ns}.json"


class _Sidecar(msgspec.Struct):
    """The JSON of a sidecar. ``digest`` is of the bytes as stored; before 0.9 there was none."""

    content_type: str
    content_encoding: str | None
    metadata: dict[str, str]
    digest: str | None = None

    @classmethod
    def of(cls, content: Content, digest: str) -> Self:
        metadata = dict(content.metadata)
        return cls(content.content_type, content.content_encoding, metadata, digest)

    def described(self) -> Described:
        content = Content(self.content_type, self.content_encoding, self.metadata)
        if self.digest is None:
            return Described(content, None)
        metadata = sorted(self.metadata.items())
        version = (self.digest, self.content_type, self.content_encoding, metadata)
        etag = hashlib.blake2b(msgspec.json.encode(version), digest_size=_DIGEST_BYTES)
        return Described(content, etag.hexdigest())


_SIDECAR = msgspec.json.Decoder(_Sidecar)


def _read_described(path: str) -> Described:
    return _read(path).described()


def _read(path: str) -> _Sidecar:
    with Path(path).open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise msgspec.DecodeError("it is too large")
    found = _SIDECAR.decode(data)
    headers = found.content_type + (found.content_encoding or "")
    if not (headers.isascii() and headers.isprintable()):
        raise msgspec.DecodeError("it has what no header can have")
    return found


def _is_of_size(name: str, size: int) -> bool:
    return name.startswith(f"{size}-") and name.endswith(".json")


def _digest_of(file: BufferedReader) -> tuple[str, bool]:
    """Return the digest of a whole file, and whether it begins as gzip does."""
    is_gzip = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    file.seek(0)
    return hashlib.file_digest(file, new_digest).hexdigest(), is_gzip


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
