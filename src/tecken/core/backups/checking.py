# SPDX-License-Identifier: MPL-2.0

"""Whether a backup is whole: all that its manifest and its lists name is there, with its bytes."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from tecken.core.backups.database import check_database
from tecken.core.backups.manifest import (
    BUCKETS,
    FILE_NAMES,
    Manifest,
    SavedBucket,
    digest_of,
    list_of,
    read_objects,
)
from tecken.core.errors import BackupError
from tecken.core.storage.keys import RESERVED_FOLDER

_TOLD = 5  # of the files that are wrong


def check_backup(backup: Path, manifest: Manifest, *, contents: bool = True) -> None:
    """Look whether all of a backup is there. Raises BackupError, which names what is wrong.

    Without ``contents`` the objects of buckets are not read, only their sizes are looked at.
    """
    for saved in manifest.files:
        path = backup / FILE_NAMES[saved.kind]
        if _differs(path, saved.size, saved.digest):
            raise BackupError(path, "is missing, or not as it was written")
        if saved.kind != "secret_key":
            check_database(path)
    for bucket in manifest.buckets:
        if _differs(list_of(backup, bucket.name), None, bucket.digest):
            raise BackupError(list_of(backup, bucket.name), "is missing, or not as it was written")
        wrong = list(islice(_wrong_files(backup, bucket, contents=contents), _TOLD))
        if wrong:
            named = ", ".join(wrong)
            raise BackupError(
                backup / BUCKETS / bucket.name, f"has files missing or damaged, such as {named}"
            )


def _wrong_files(backup: Path, bucket: SavedBucket, *, contents: bool) -> Iterator[str]:
    folder = backup / BUCKETS / bucket.name
    for saved in read_objects(list_of(backup, bucket.name)):
        if _differs(folder / saved.key, saved.size, saved.digest if contents else None):
            yield saved.key
        for name, digest in saved.sidecars.items():
            key = f"{RESERVED_FOLDER}/objects/{saved.key}/{name}"
            if _differs(folder / key, None, digest if contents else None):
                yield key


def _differs(path: Path, size: int | None, digest: str | None) -> bool:
    with suppress(OSError):
        if size not in {None, path.stat().st_size} or not path.is_file():
            return True
        return digest is not None and digest_of(path) != digest
    return True
