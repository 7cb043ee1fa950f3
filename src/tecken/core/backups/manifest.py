# SPDX-License-Identifier: MPL-2.0

"""What is in a backup: its manifest, and of each bucket a list of its objects.

A backup is a folder::

    2026-11-28T21-05-00Z/
        manifest.json              what follows
        database.sqlite3           the database
        local-provider.sqlite3     accounts of the provider for development, if there are any
        secret_key                 the key that the data folder keeps, if it does
        buckets/symbols/…          a folder bucket as it is, with its sidecars
        buckets/symbols.jsonl      a line for each of its objects, in the order of their keys

Digests are BLAKE2b of 16 bytes, in hexadecimal, as sidecars have them. Names and keys are checked when
they are read: who restores a backup may have it from somebody else.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from tecken.core.errors import BackupError, InvalidNameError
from tecken.core.storage.keys import check_object_key
from tecken.core.storage.sidecars import new_digest

FORMAT = 1
MANIFEST = "manifest.json"
BUCKETS = "buckets"

FileKind = Literal["database", "local_provider", "secret_key"]
FILE_NAMES: dict[FileKind, str] = {
    "database": "database.sqlite3",
    "local_provider": "local-provider.sqlite3",
    "secret_key": "secret_key",
}
_BUCKET_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_SIDECAR_NAME = re.compile(r"[0-9]+-[0-9]+\.json")


class SavedFile(msgspec.Struct, frozen=True):
    """One file. ``size`` is in bytes."""

    kind: FileKind
    size: int
    digest: str


class SavedBucket(msgspec.Struct, frozen=True):
    """A bucket in ``buckets/<name>``; ``location`` is where it was: in the data folder if relative.

    ``size`` is that of its objects in bytes, ``digest`` that of its list.
    """

    name: str
    location: str = msgspec.field(name="place")  # as backups of 0.9 have it
    objects: int
    size: int
    digest: str


class Manifest(msgspec.Struct, frozen=True):
    """``made_at`` is in UTC, as ISO 8601 has it; ``version`` that of the program that wrote it."""

    format: int
    version: str
    made_at: str
    files: list[SavedFile]
    buckets: list[SavedBucket]


class SavedObject(msgspec.Struct, frozen=True):
    """An object of a bucket; ``sidecars`` has the digests of its sidecars by their names."""

    key: str
    size: int
    mtime_ns: int
    digest: str
    sidecars: dict[str, str]


class _Format(msgspec.Struct):
    format: int


def write_manifest(backup: Path, manifest: Manifest) -> None:
    """Write the manifest, for people to read as well."""
    data = msgspec.json.format(msgspec.json.encode(manifest))
    (backup / MANIFEST).write_bytes(data + b"\n")


def read_manifest(backup: Path) -> Manifest:
    """Read the manifest of a backup. Raises BackupError when it is none that can be read."""
    path = backup / MANIFEST
    try:
        data = path.read_bytes()
        found = msgspec.json.decode(data, type=_Format).format
        if found != FORMAT:
            reason = f"has the format {found}, and this version reads {FORMAT}"
            raise BackupError(path, reason)
        manifest = msgspec.json.decode(data, type=Manifest)
    except FileNotFoundError:
        raise BackupError(backup, f"is no backup: it has no {MANIFEST}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BackupError(path, f"is damaged: {error}") from error
    for bucket in manifest.buckets:
        if not _BUCKET_NAME.fullmatch(bucket.name) or ".." in Path(bucket.location).parts:
            raise BackupError(path, f"names the bucket {bucket.name!r} of {bucket.location!r}")
    return manifest


def find_backup(folder: Path) -> Path:
    """Return the backup that a folder is, or else the newest of those in it. Raises BackupError."""
    if (folder / MANIFEST).is_file():
        return folder
    backups = backups_in(folder)
    if not backups:
        raise BackupError(folder, f"is no backup, and has none in it: no {MANIFEST} was found")
    return backups[-1]


def backups_in(folder: Path) -> list[Path]:
    """Return the backups in a folder, the oldest first: their names are the times."""
    return sorted(
        path.parent for path in folder.glob(f"*/{MANIFEST}") if not path.parent.name.startswith(".")
    )


def list_of(backup: Path, bucket: str) -> Path:
    """Return where the list of a bucket is."""
    return backup / BUCKETS / f"{bucket}.jsonl"


def read_objects(path: Path) -> Iterator[SavedObject]:
    """Yield the objects of a list. Raises BackupError for a line that is none."""
    decoder = msgspec.json.Decoder(SavedObject)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                saved = decoder.decode(line)
                check_object_key(saved.key)
            except (msgspec.DecodeError, UnicodeDecodeError, InvalidNameError) as error:
                raise BackupError(path, f"is damaged in line {number}: {error}") from error
            if not all(map(_SIDECAR_NAME.fullmatch, saved.sidecars)):
                raise BackupError(path, f"is damaged in line {number}: a sidecar has a bad name")
            yield saved


def digest_of(path: Path) -> str:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, new_digest).hexdigest()
