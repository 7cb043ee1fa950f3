# SPDX-License-Identifier: MPL-2.0
"""Which of some files an upload would store, and which it would skip as the bucket has them.

The rule is that of an upload (``is_same``), of the bucket that the caller's upload would go to. The bucket
itself is asked for every file, many at the same time: of what the rows of uploads tell, somebody may have
removed an object by hand, and a file that is called present is not sent. What is there, but about to be
removed, is missing: an upload of it keeps it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic

from tecken.core.concurrency.semaphores import WeightedSemaphore
from tecken.core.errors import BusyError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.digest import Digest
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_objects, is_same
from tecken.upload.deleted_objects import about_to_go
from tecken.upload.rules import storing_rules
from tecken.upload.services import complete_interrupted

_SMALL_FILES = 2_000  # so many are always looked up, whatever others do
_MAX_SECONDS = 60
_PATIENCE_SECONDS = 2.0
# Large bodies have few threads, and those of symbolication are among them: one or two are looked up.
_looked_up = WeightedSemaphore(
    20_000, _PATIENCE_SECONDS, "Too many files are being checked: try again later", max_waiting=1
)


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that could be uploaded. ``digest`` is that of its uncompressed bytes."""

    key: SymbolKey
    digest: Digest


@dataclass(frozen=True, slots=True)
class Checked:
    """Positions in the list of files that was asked about, each in one of both, in order."""

    missing: list[int]
    present: list[int]


def check_files(source: Source, files: Sequence[NamedFile]) -> Checked:
    """Say of each file whether an upload would store it. Raises StorageError and BusyError."""
    keys = list(dict.fromkeys(file.key for file in files))
    current = look_up(source, keys)
    rules = storing_rules()
    going = about_to_go(source, map(source.object_key, current))
    checked = Checked([], [])
    present: dict[str, tuple[ObjectInfo, Digest]] = {}
    for position, file in enumerate(files):
        info = current.get(file.key)
        is_kept = source.object_key(file.key) not in going
        if info and is_kept and is_same(info, file.digest, compressed=rules.compresses(file.key)):
            checked.present.append(position)
            present[source.object_key(file.key)] = info, file.digest
        else:
            checked.missing.append(position)
    _end_interrupted(source, files, present)
    return checked


def look_up(source: Source, keys: Sequence[SymbolKey]) -> dict[SymbolKey, ObjectInfo]:
    """Return what the source has of some keys. Raises StorageError, and BusyError for very many."""
    found: dict[SymbolKey, ObjectInfo] = {}
    with _looked_up.carrying(0 if len(keys) <= _SMALL_FILES else len(keys)):
        until = monotonic() + _MAX_SECONDS
        for key, info in current_objects(source, keys):
            if info is not None:
                found[key] = info
            if monotonic() > until:
                raise BusyError(
                    f"{len(keys):,} files take longer than {_MAX_SECONDS} seconds: ask for fewer at a time"
                )
    return found


def _end_interrupted(
    source: Source, files: Iterable[NamedFile], present: dict[str, tuple[ObjectInfo, Digest]]
) -> None:
    """Say of files what their upload was killed before saying: nobody will send them again."""
    completed = complete_interrupted(source, present)
    if completed:
        symbol_stored.publish(
            *{file.key for file in files if source.object_key(file.key) in completed}
        )
