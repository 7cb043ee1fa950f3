# SPDX-License-Identifier: MPL-2.0

"""Removing the objects of files that were taken back, whose rows say so already.

Each object is removed by one process at a time. That takes the rows of up to a thousand for a moment,
looks who holds the objects, deletes the others by few requests, and writes down what became of them.
Whoever is killed in between leaves the rows to the next one, when two minutes are over. An upload that
finds or stores the same object meanwhile reads that row after it has written its own: one of both always
sees the other.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tecken.core.batches import batches
from tecken.core.errors import StorageError, StorageUnavailableError
from tecken.core.identifiers import SymbolKey, parse_stored_key
from tecken.core.locating.events import symbol_stored
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object, current_objects, remove_all
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue, enqueue_once
from tecken.upload.aliases import drop_aliases
from tecken.upload.deriving.queueing import derive_anew
from tecken.upload.models import FileUpload
from tecken.upload.object_holders import (
    Finders,
    files_in,
    finders_of,
    held_among,
    reachable,
    with_uploads,
)

TASK = "upload.remove_deleted_objects"

_Removal = FileUpload.Removal
_LEASE_SECONDS = 120
_BEGIN_SECONDS = 60  # after which nothing is deleted any more: that must end before the lease does
_OBJECTS_AT_ONCE = 1000
_ROWS_AT_ONCE = 500
_FILES_AT_ONCE = 5000  # whose finders are looked for together
_CLOCKS_DIFFER = timedelta(seconds=5)  # between the bucket and the database


def remove_soon(delay_seconds: float = 0) -> None:
    """Have all objects removed in the background that are to be; call it in the transaction."""
    if delay_seconds:
        enqueue_once(find_task(TASK), delay_seconds=delay_seconds)
    else:
        enqueue(find_task(TASK))


def waiting_files() -> "QuerySet[FileUpload]":
    """Return the files whose objects are to be removed and that nobody is at."""
    left = Q(removal=_Removal.REMOVING, removing_until__lt=timezone.now())
    of_index = FileUpload.objects.filter(removal__in=[_Removal.PENDING, _Removal.REMOVING])
    return of_index.filter(Q(removal=_Removal.PENDING) | left)


def remove_deleted_objects() -> int:
    """Remove every object that is to be removed; return how many were.

    Raises StorageError after all others, if some could not be; those are done the next time.
    """
    mark_late_files()
    pks = list(waiting_files().order_by("pk").values_list("pk", flat=True))
    removed = remove_objects_of(pks)
    if FileUpload.objects.filter(removal=_Removal.REMOVING).exists():
        remove_soon(_LEASE_SECONDS)  # somebody else is at them, or was killed
    return removed


def count_deleted_objects() -> int:
    """Return how many objects ``remove_deleted_objects`` would remove."""
    pks = list(waiting_files().values_list("pk", flat=True))
    count = 0
    for rows in _rows(pks):
        finders = finders_of(rows)
        for some in batches(with_uploads(rows), _OBJECTS_AT_ONCE):
            infos = [
                info
                for in_bucket in _plan(some, finders).buckets
                for info in in_bucket.infos.values()
            ]
            count += sum(info is not None for info in infos)
    return count


def remove_objects_of(pks: Collection[int], max_seconds: float = float("inf")) -> int:
    """Remove the objects of some files; what there is no time for stays to be removed.

    Raises StorageError after all others, if some could not be.
    """
    ends = time.monotonic() + max_seconds
    removed, failure = 0, None
    for rows in _rows(pks):
        finders = finders_of(rows)
        for some in batches(list(rows.values_list("pk", flat=True)), _OBJECTS_AT_ONCE):
            if time.monotonic() > ends:
                return removed
            try:
                removed += _take_and_remove(some, finders)
            except StorageError as error:
                failure = error
    if failure is not None:
        raise failure
    return removed


def mark_late_files() -> None:
    """Mark the files that uploads have begun to store while they were taken back."""
    late = FileUpload.objects.filter(deleted_at=None, upload__deleted_at__isnull=False)
    for file in with_uploads(late).iterator():
        upload = file.upload
        if upload is not None:
            FileUpload.objects.filter(pk=file.pk, deleted_at=None).update(
                deleted_at=upload.deleted_at,
                deleted_by_id=upload.deleted_by_id,
                delete_reason=upload.delete_reason,
                removal=_Removal.PENDING,
            )


def keep_found(source: Source, keys: Iterable[str]) -> None:
    """Keep what an upload has found in its bucket, and has just written down, from being removed.

    Raises StorageUnavailableError when it is too late for one of them: the same upload can be sent
    again.
    """
    for some in batches(keys, _ROWS_AT_ONCE):
        files = files_in(source, some)
        files.filter(removal=_Removal.PENDING).update(removal=_Removal.KEPT)
        gone = files.filter(removal__in=[_Removal.REMOVING, _Removal.REMOVED])
        for file in with_uploads(gone):
            key = parse_stored_key(file.symbol_key)
            if file.removal == _Removal.REMOVING or current_object(source, key) is None:
                raise _just_taken_back(source, file.key)


def about_to_go(source: Source, keys: Iterable[str]) -> set[str]:
    """Return those of the keys of objects that wait to be removed, or are removed just now."""
    going = FileUpload.objects.filter(removal__in=[_Removal.PENDING, _Removal.REMOVING])
    found: set[str] = set()
    for some in batches(keys, _ROWS_AT_ONCE):
        found.update((files_in(source, some) & going).values_list("key", flat=True))
    return found


def refuse_while_removing(source: Source, key: str) -> None:
    """Raise StorageUnavailableError while the object of a key is removed; call it with a row there."""
    if files_in(source, [key]).filter(removal=_Removal.REMOVING).exists():
        raise _just_taken_back(source, key)


def _just_taken_back(source: Source, key: str) -> StorageUnavailableError:
    return StorageUnavailableError(source.name, key, "has just been deleted; send it again")


def _rows(pks: Collection[int]) -> "Iterator[QuerySet[FileUpload]]":
    for some in batches(sorted(pks), _FILES_AT_ONCE):
        yield FileUpload.objects.filter(pk__in=some)


def _take_and_remove(pks: Collection[int], finders: Finders) -> int:
    """Remove the objects of some files, but those that somebody is at; return how many there were."""
    began = time.monotonic()
    until = timezone.now() + timedelta(seconds=_LEASE_SECONDS)
    files = _take(pks, until)
    became = {file.pk: _Removal.PENDING for file in files}
    removed = 0
    try:
        plan = _plan(files, finders)
        became |= plan.stay
        for in_bucket in plan.buckets:
            if time.monotonic() - began > _BEGIN_SECONDS:
                raise StorageUnavailableError(in_bucket.source.name, None, "answers too slowly")
            removed += _remove(in_bucket)
            became |= dict.fromkeys(in_bucket.pks, _Removal.REMOVED)
    finally:
        _write_down(became, until)
    return removed


def _take(pks: Collection[int], until: datetime) -> list[FileUpload]:
    """Take the rows that nobody has, and return them."""
    with transaction.atomic():
        free = waiting_files().filter(pk__in=pks).select_for_update(skip_locked=True)
        taken = list(free.order_by("pk").values_list("pk", flat=True))
        rows = FileUpload.objects.filter(pk__in=taken)
        rows.update(removal=_Removal.REMOVING, removing_until=until)
    return list(with_uploads(rows).order_by("pk"))


def _write_down(became: Mapping[int, FileUpload.Removal], until: datetime) -> None:
    """Say what became of rows that were taken until then, unless others have taken them since."""
    for removal in set(became.values()):
        pks = [pk for pk, one in became.items() if one == removal]
        taken = FileUpload.objects.filter(pk__in=pks, removing_until=until)
        ours = taken.filter(removal=_Removal.REMOVING)
        ours.update(removal=removal, removing_until=None)


@dataclass(slots=True)
class _InBucket:
    """What is to be removed of a source: the files, and what there is under their keys."""

    source: Source
    pks: list[int] = field(default_factory=list)
    infos: dict[SymbolKey, ObjectInfo | None] = field(default_factory=dict)


@dataclass(slots=True)
class _Plan:
    """What is to become of some files."""

    stay: dict[int, FileUpload.Removal] = field(default_factory=dict)
    buckets: list[_InBucket] = field(default_factory=list)


def _plan(files: Collection[FileUpload], finders: Finders) -> _Plan:
    """Look which objects of some files are there, and who holds them. Raises StorageError."""
    plan = _Plan()
    held = held_among(files, finders)
    for source, placed in _by_source(files, plan):
        keys = dict.fromkeys(key for _, key in placed)
        found = dict(current_objects(source, keys))
        in_bucket = _InBucket(source)
        for file, key in placed:
            if file.completed_at is None and not _is_its_own(file, found[key]):
                plan.stay[file.pk] = _Removal.REMOVED
            elif file.pk in held:
                plan.stay[file.pk] = _Removal.KEPT
            else:
                in_bucket.pks.append(file.pk)
                in_bucket.infos[key] = found[key]
        # Of two files under one key, what becomes of the object becomes of both.
        gone = [file.pk for file, key in placed if key in in_bucket.infos]
        in_bucket.pks = list(dict.fromkeys([*in_bucket.pks, *gone]))
        plan.buckets.append(in_bucket)
    return plan


def _by_source(
    files: Iterable[FileUpload], plan: _Plan
) -> Iterable[tuple[Source, list[tuple[FileUpload, SymbolKey]]]]:
    """Sort files by where they lie; those that cannot be reached stay."""
    sorted_files: dict[str, tuple[Source, list[tuple[FileUpload, SymbolKey]]]] = {}
    for file in files:
        found = reachable(file)
        if found is None:
            plan.stay[file.pk] = _Removal.OUT_OF_REACH
        else:
            source, key = found
            sorted_files.setdefault(source.url, (source, []))[1].append((file, key))
    return sorted_files.values()


def _remove(in_bucket: _InBucket) -> int:
    """Remove what there is under the keys of a bucket; return how many objects."""
    there = {key: info for key, info in in_bucket.infos.items() if info is not None}
    if there:
        remove_all(in_bucket.source, there)
    # Also those that were gone: whoever removed them may have been killed before it said so.
    removed = FileUpload.objects.filter(pk__in=in_bucket.pks)
    drop_aliases(in_bucket.source, removed)
    derive_anew(in_bucket.source, removed)
    symbol_stored.publish(*in_bucket.infos)
    for keys in batches(map(in_bucket.source.object_key, in_bucket.infos), _ROWS_AT_ONCE):
        # What was kept of the same objects is gone with them.
        files_in(in_bucket.source, keys).filter(removal=_Removal.KEPT).update(
            removal=_Removal.REMOVED
        )
    return len(there)


def _is_its_own(file: FileUpload, info: ObjectInfo | None) -> bool:
    """Say whether an object is that of a file that was never finished."""
    if info is None:
        return False
    same_size = info.content.metadata.get("original_size") == str(file.original_size)
    return same_size and info.last_modified >= file.created_at - _CLOCKS_DIFFER
