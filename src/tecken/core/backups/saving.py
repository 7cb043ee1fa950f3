# SPDX-License-Identifier: MPL-2.0

"""A folder bucket put into a backup, while others write to it.

An object and its sidecar are two files, and either may be replaced at any moment. An object is taken
first; when its sidecar has gone by then, it is taken again. What was unfinished is left out.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tecken.core.backups.manifest import (
    BUCKETS,
    SavedBucket,
    SavedObject,
    digest_of,
    list_of,
    read_objects,
)
from tecken.core.backups.transfer import copy, link, link_or_copy
from tecken.core.errors import BackupError, InvalidNameError
from tecken.core.storage.keys import RESERVED_FOLDER, check_object_key
from tecken.core.storage.sidecars import new_digest

_ATTEMPTS = 20  # an object may be replaced while it is taken
_SIDECARS = f"{RESERVED_FOLDER}/objects"
_PRIVATE = 0o700


class _Digest(msgspec.Struct):
    """What is read of a sidecar."""

    digest: str | None = None


_DIGEST = msgspec.json.Decoder(_Digest)


@dataclass
class BucketSaving:
    """Puts the bucket in ``source`` into ``backup`` as ``name``.

    ``earlier`` is a backup that has the bucket under the same name: what it has of the same size and
    time is linked from there, where it cannot be linked from the bucket.
    """

    source: Path
    backup: Path
    name: str
    earlier: Path | None = None
    copied: int = 0  # objects that could be linked from nowhere
    left_out: int = 0  # files whose names no object can have
    _target: Path = field(init=False)
    _before: Iterator[SavedObject] = field(init=False)
    _next_before: SavedObject | None = field(init=False)

    def save(self, location: str) -> SavedBucket:
        """Take all of it; ``location`` is noted. Raises OSError, BackupError."""
        self._target = self.backup / BUCKETS / self.name
        self._target.mkdir(_PRIVATE, parents=True)
        self._before = self._earlier_objects()
        self._next_before = next(self._before, None)
        objects = size = 0
        with list_of(self.backup, self.name).open("xb") as lines:
            for key in self._keys(""):
                saved = self._take(key)
                if saved is not None:
                    lines.write(msgspec.json.encode(saved) + b"\n")
                    objects, size = objects + 1, size + saved.size
        digest = digest_of(list_of(self.backup, self.name))
        return SavedBucket(self.name, location, objects, size, digest)

    def _keys(self, folder_key: str) -> Iterator[str]:
        """Walk the keys below a folder ("" or ending in "/") in their order, as the bucket does."""
        try:
            with os.scandir(self.source / folder_key) as entries:
                names = sorted(entry.name + "/" * entry.is_dir() for entry in entries)
        except FileNotFoundError:
            if not folder_key:
                raise
            return  # its last object was deleted
        for name in names:
            key = folder_key + name
            if key == f"{RESERVED_FOLDER}/":
                continue
            if name.endswith("/"):
                yield from self._keys(key)
                continue
            try:
                check_object_key(key)
            except InvalidNameError:
                self.left_out += 1
            else:
                yield key

    def _take(self, key: str) -> SavedObject | None:
        """Take an object; None when it has been deleted, or is no file."""
        for _ in range(_ATTEMPTS):
            try:
                if not (self.source / key).is_file():
                    return None
                target, version = self._take_file(key)
            except FileNotFoundError:
                return None
            sidecars = self._take_sidecars(key, version.st_size)
            exact = f"{version.st_size}-{version.st_mtime_ns}.json"
            if exact in sidecars or self._is_current(key, version):
                return self._saved(key, target, version, exact, sidecars)
            target.unlink()
            for name in sidecars:
                (self._target / _SIDECARS / key / name).unlink()
        raise BackupError(self.source / key, "is replaced again and again")

    def _take_file(self, key: str) -> tuple[Path, os.stat_result]:
        source, target = self.source / key, self._target / key
        target.parent.mkdir(_PRIVATE, parents=True, exist_ok=True)
        if not link(source, target) and not self._link_earlier(key, source.stat(), target):
            copy(source, target)
            self.copied += 1
        return target, target.stat()

    def _link_earlier(self, key: str, version: os.stat_result, target: Path) -> bool:
        before = self._saved_before(key, version)
        if before is None or self.earlier is None:
            return False
        with suppress(FileNotFoundError):  # somebody took it from the backup
            return link(self.earlier / BUCKETS / self.name / key, target)
        return False

    def _take_sidecars(self, key: str, size: int) -> dict[str, bytes]:
        """Take the sidecars of an object: that of its time, and others that may have its digest."""
        folder, target = self.source / _SIDECARS / key, self._target / _SIDECARS / key
        taken: dict[str, bytes] = {}
        with suppress(FileNotFoundError, NotADirectoryError):
            for name in sorted(os.listdir(folder)):
                if name.startswith(f"{size}-") and name.endswith(".json"):
                    target.mkdir(_PRIVATE, parents=True, exist_ok=True)
                    with suppress(FileNotFoundError):
                        link_or_copy(folder / name, target / name)
                        taken[name] = (target / name).read_bytes()
        return taken

    def _is_current(self, key: str, version: os.stat_result) -> bool:
        try:
            now = (self.source / key).stat()
        except FileNotFoundError:
            return False
        return (now.st_size, now.st_mtime_ns) == (version.st_size, version.st_mtime_ns)

    def _saved(
        self,
        key: str,
        target: Path,
        version: os.stat_result,
        exact: str,
        sidecars: dict[str, bytes],
    ) -> SavedObject:
        before = self._saved_before(key, version)
        digest = before.digest if before else _digest_in(sidecars.get(exact, b""))
        return SavedObject(
            key,
            version.st_size,
            version.st_mtime_ns,
            digest or digest_of(target),
            {name: _hash(data) for name, data in sidecars.items()},
        )

    def _saved_before(self, key: str, version: os.stat_result) -> SavedObject | None:
        """Return what the earlier backup has under a key, if it has this version.

        Keys are asked for in their order, which is that of the list.
        """
        while self._next_before is not None and self._next_before.key < key:
            self._next_before = next(self._before, None)
        found = self._next_before
        if found is None or found.key != key:
            return None
        same = (found.size, found.mtime_ns) == (version.st_size, version.st_mtime_ns)
        return found if same else None

    def _earlier_objects(self) -> Iterator[SavedObject]:
        """Yield what the list of the earlier backup has, up to where it is damaged."""
        if self.earlier is not None:
            with suppress(FileNotFoundError, BackupError):
                yield from read_objects(list_of(self.earlier, self.name))


def _digest_in(sidecar: bytes) -> str | None:
    try:
        return _DIGEST.decode(sidecar).digest
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _hash(data: bytes) -> str:
    digest = new_digest()
    digest.update(data)
    return digest.hexdigest()
