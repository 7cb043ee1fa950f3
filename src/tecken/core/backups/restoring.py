# SPDX-License-Identifier: MPL-2.0

"""What a backup has, put back where it was: made beside it first, then renamed."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tecken.core.backups.manifest import BUCKETS, SavedBucket, list_of, read_objects
from tecken.core.backups.transfer import copy_private, link_or_copy
from tecken.core.errors import BackupError
from tecken.core.storage.keys import RESERVED_FOLDER

_OBJECTS = "objects"  # the folder of sidecars
_DATABASE_ENDINGS = ("", "-wal", "-shm")


def database_files(path: Path) -> list[Path]:
    """Return the files of a database that are there."""
    return [file for end in _DATABASE_ENDINGS if (file := Path(f"{path}{end}")).exists()]


def has_objects(folder: Path) -> bool:
    """Say whether a bucket's folder has anything in it besides what is reserved."""
    try:
        return any(path.name != RESERVED_FOLDER for path in folder.iterdir())
    except FileNotFoundError:
        return False


@dataclass(frozen=True, slots=True)
class RestoringFile:
    """One file that goes to ``target``; what is there goes to ``<target>.replaced-<when>``."""

    source: Path
    target: Path

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Copy it beside where it was; ``put`` within the block."""
        self.target.parent.mkdir(0o700, parents=True, exist_ok=True)
        self._draft.unlink(missing_ok=True)  # what one that was killed has left
        copy_private(self.source, self._draft)
        try:
            yield
        finally:
            self._draft.unlink(missing_ok=True)

    def put(self, when: str) -> list[Path]:
        """Rename it to its name; return where those are that were there."""
        replaced = []
        for path in database_files(self.target):
            end = path.name.removeprefix(self.target.name)
            kept = self.target.with_name(f"{self.target.name}.replaced-{when}{end}")
            replaced.append(path.rename(kept))
        self._draft.rename(self.target)
        return replaced

    @property
    def _draft(self) -> Path:
        return self.target.with_name(f"{self.target.name}.restoring")


class RestoringBucket:
    """A bucket that goes to the folder ``target``, which may be where a disk is mounted."""

    def __init__(self, backup: Path, saved: SavedBucket, target: Path) -> None:
        self.target = target
        self.linked = 0
        self._source = backup / BUCKETS / saved.name
        self._list = list_of(backup, saved.name)
        self._reserved = target / RESERVED_FOLDER
        self._draft = self._reserved / f"restoring-{secrets.token_hex(8)}"

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Link or copy everything into a folder beside where it was; ``put`` within the block."""
        self._draft.mkdir(parents=True)
        try:
            self._fill()
            yield
        finally:
            shutil.rmtree(self._draft)

    def put(self, when: str) -> list[Path]:
        """Rename all to their names; what is there goes to ``.meta/replaced-<when>``."""
        replaced = []
        if has_objects(self.target) or (self._reserved / _OBJECTS).exists():
            replaced.append(self._reserved / f"replaced-{when}")
            _move(self.target, replaced[0])
        _move(self._draft, self.target)
        return replaced

    def _fill(self) -> None:
        for saved in read_objects(self._list):
            keys = [f"{RESERVED_FOLDER}/{_OBJECTS}/{saved.key}/{name}" for name in saved.sidecars]
            for key in (*keys, saved.key):
                target = self._draft / key
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    self.linked += link_or_copy(self._source / key, target)
                except FileNotFoundError as error:
                    raise BackupError(self._source / key, "has just vanished") from error


def _move(source: Path, target: Path) -> None:
    """Move what a bucket's folder has to another: its objects, and of what is reserved the sidecars."""
    (target / RESERVED_FOLDER).mkdir(parents=True, exist_ok=True)
    sidecars = source / RESERVED_FOLDER / _OBJECTS
    if sidecars.exists():
        sidecars.rename(target / RESERVED_FOLDER / _OBJECTS)
    for path in list(source.iterdir()):
        if path.name != RESERVED_FOLDER:
            os.rename(path, target / path.name)
