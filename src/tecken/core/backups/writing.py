# SPDX-License-Identifier: MPL-2.0

"""A backup of all that a server keeps in files, written while it runs."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tecken.core.backups.database import copy_database
from tecken.core.backups.manifest import (
    FILE_NAMES,
    FORMAT,
    MANIFEST,
    FileKind,
    Manifest,
    SavedFile,
    backups_in,
    digest_of,
    list_of,
    read_manifest,
    write_manifest,
)
from tecken.core.backups.saving import BucketSaving
from tecken.core.backups.transfer import copy_private
from tecken.core.errors import BackupError

_DRAFT = ".unfinished-"


@dataclass(frozen=True, slots=True)
class SavedPaths:
    """Where the files of a server are. ``buckets`` are folders; nothing but the database must exist."""

    data_dir: Path
    files: dict[FileKind, Path]
    buckets: tuple[Path, ...]

    def location_of(self, bucket: Path) -> str:
        """Return how a manifest names the location of a bucket."""
        inside = bucket.is_relative_to(self.data_dir)
        return str(bucket.relative_to(self.data_dir) if inside else bucket)

    def folder_of(self, location: str) -> Path:
        """Return the folder of a location that a manifest names."""
        return self.data_dir / location


@dataclass(frozen=True, slots=True)
class Written:
    """A backup that was made, and of its objects how many could not be linked or have bad names."""

    path: Path
    manifest: Manifest
    copied: int
    left_out: int


def write_backup(folder: Path, paths: SavedPaths, version: str) -> Written:
    """Make a backup in a folder; nobody else does so meanwhile. ``version`` is that of the program.

    Raises BackupError, and OSError as it comes; nothing is left of the backup then.
    """
    before = backups_in(folder)
    earlier = before[-1] if before else None
    draft = folder / f"{_DRAFT}{secrets.token_hex(8)}"
    draft.mkdir(0o700)
    try:
        now = datetime.now(UTC).replace(microsecond=0)
        # The database first: what its rows tell of is in the buckets by then.
        files = list(_save_files(draft, paths))
        savings = list(_bucket_savings(draft, paths, earlier))
        buckets = [saving.save(location) for saving, location in savings]
        made_at = now.isoformat().replace("+00:00", "Z")
        manifest = Manifest(FORMAT, version, made_at, files, buckets)
        write_manifest(draft, manifest)
        for path in (draft / MANIFEST, *(list_of(draft, bucket.name) for bucket in buckets)):
            path.chmod(0o600)
        os.sync()  # all that was copied, before it is called a backup
        path = _free_name(folder, f"{now:%Y-%m-%dT%H-%M-%SZ}")
        draft.rename(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    copied = sum(saving.copied for saving, _ in savings)
    return Written(path, manifest, copied, sum(saving.left_out for saving, _ in savings))


def remove_unfinished(folder: Path) -> None:
    """Remove what a backup that was killed has left in a folder."""
    for left in folder.glob(f"{_DRAFT}*"):
        shutil.rmtree(left)


def _save_files(draft: Path, paths: SavedPaths) -> Iterator[SavedFile]:
    for kind, source in paths.files.items():
        target = draft / FILE_NAMES[kind]
        if not source.exists():
            if kind == "database":
                raise BackupError(source, "is not there: no server has run with these settings")
            continue
        if kind == "secret_key":
            copy_private(source, target)
        else:
            copy_database(source, target)
        yield SavedFile(kind, target.stat().st_size, digest_of(target))


def _bucket_savings(
    draft: Path, paths: SavedPaths, earlier: Path | None
) -> Iterator[tuple[BucketSaving, str]]:
    names: set[str] = set()
    for bucket in paths.buckets:
        location = paths.location_of(bucket)
        if bucket.is_dir():  # a server makes its own when it is first written to
            name = _name_of(bucket, names)
            names.add(name)
            yield BucketSaving(bucket, draft, name, _earlier_of(earlier, name, location)), location


def _name_of(bucket: Path, taken: set[str]) -> str:
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", bucket.name)[:80].strip("-") or "bucket"
    number = 1
    found = name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found


def _earlier_of(earlier: Path | None, name: str, location: str) -> Path | None:
    """Return the earlier backup, if it has this bucket under this name."""
    if earlier is None:
        return None
    try:
        saved = read_manifest(earlier).buckets
    except BackupError:
        return None
    return earlier if any((one.name, one.location) == (name, location) for one in saved) else None


def _free_name(folder: Path, name: str) -> Path:
    """Return a name for a backup that none has: of one second there may be several."""
    number = 1
    path = folder / name
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}"
    return path
