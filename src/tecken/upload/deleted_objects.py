# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Removing the objects of files that were taken back, whose rows say so already.

Each object is removed by one process at a time. That takes its row for some minutes, looks who holds
the object, deletes it, and writes down what became of it. Whoever is killed in between leaves the row
to the next one, when those minutes are over. An upload that finds or stores the same object meanwhile
reads that row after it has written its own: one of both always sees the other.
"""

import time
from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from tecken.core.batches import batches
from tecken.core.errors import StorageError, StorageUnavailableError
from tecken.core.events import symbol_stored
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.sources import Source
from tecken.core.storing import current_object, remove
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue, enqueue_once
from tecken.upload.holding import Finders, finders_of, is_held, reachable, with_uploads
from tecken.upload.models import FileUpload

TASK = "upload.remove_deleted_objects"

_Removal = FileUpload.Removal
_LEASE_SECONDS = 300  # of one object, which takes some round trips
_ROWS_AT_ONCE = 500
_FILES_AT_ONCE = 5000  # whose finders are looked for together
_CLOCKS_DIFFER = timedelta(seconds=5)  # between the bucket and the database


def remove_soon(delay_seconds: float = 0) -> None:
    """Have all objects removed in the background that are to be; call it in the transaction."""
    if delay_seconds:
        enqueue_once(find_task(TASK), delay_seconds)
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
        for file in with_uploads(rows):
            place = reachable(file)
            if place is not None and _is_there(file, *place) and not is_held(file, finders):
                count += 1
    return count


def remove_objects_of(pks: Collection[int], max_seconds: float = float("inf")) -> int:
    """Remove the objects of some files; what there is no time for stays to be removed.

    Raises StorageError after all others, if some could not be.
    """
    ends = time.monotonic() + max_seconds
    removed, trouble = 0, None
    for rows in _rows(pks):
        finders = finders_of(rows)
        for pk in list(rows.values_list("pk", flat=True)):
            if time.monotonic() > ends:
                return removed
            try:
                removed += _take_and_remove(pk, finders)
            except StorageError as error:
                trouble = error
    if trouble is not None:
        raise trouble
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
        files = _files_in(source, some)
        files.filter(removal=_Removal.PENDING).update(removal=_Removal.KEPT)
        gone = files.filter(removal__in=[_Removal.REMOVING, _Removal.REMOVED])
        for file in with_uploads(gone):
            key = SymbolKey.parse(file.symbol_key)
            if file.removal == _Removal.REMOVING or current_object(source, key) is None:
                raise _just_taken_back(source, file.key)


def refuse_while_removing(source: Source, key: str) -> None:
    """Raise StorageUnavailableError while the object of a key is removed; call it with a row there."""
    if _files_in(source, [key]).filter(removal=_Removal.REMOVING).exists():
        raise _just_taken_back(source, key)


def _files_in(source: Source, keys: Collection[str]) -> "QuerySet[FileUpload]":
    same_server = Q(upload=None) | Q(upload__bucket_endpoint_url=source.endpoint_url or "")
    return FileUpload.objects.filter(same_server, key__in=keys, bucket_name=source.bucket.name)


def _just_taken_back(source: Source, key: str) -> StorageUnavailableError:
    return StorageUnavailableError(source.name, key, "has just been deleted; send it again")


def _rows(pks: Collection[int]) -> "Iterator[QuerySet[FileUpload]]":
    for some in batches(sorted(pks), _FILES_AT_ONCE):
        yield FileUpload.objects.filter(pk__in=some)


def _take_and_remove(pk: int, finders: Finders) -> bool:
    """Remove the object of a file, unless somebody is at it; say whether there was one."""
    until = timezone.now() + timedelta(seconds=_LEASE_SECONDS)
    taken = waiting_files().filter(pk=pk).update(removal=_Removal.REMOVING, removing_until=until)
    if not taken:
        return False
    file = with_uploads(FileUpload.objects.all()).get(pk=pk)
    ours = FileUpload.objects.filter(pk=pk, removal=_Removal.REMOVING, removing_until=until)
    became = _Removal.PENDING
    try:
        removed, became = _remove(file, finders)
    finally:
        ours.update(removal=became, removing_until=None)
    return removed


def _remove(file: FileUpload, finders: Finders) -> tuple[bool, FileUpload.Removal]:
    """Return whether an object was removed, and what became of the file."""
    place = reachable(file)
    if place is None:
        return False, _Removal.OUT_OF_REACH
    source, key = place
    if file.completed_at is None and not _is_there(file, source, key):
        return False, _Removal.REMOVED
    if is_held(file, finders):
        return False, _Removal.KEPT
    removed = remove(source, key)
    # Also when it was gone: whoever removed it may have been killed before it said so.
    symbol_stored.publish(key)
    _note_gone(file)
    return removed, _Removal.REMOVED


def _is_there(file: FileUpload, source: Source, key: SymbolKey) -> bool:
    """Say whether there is an object; of a file that was never finished, whether it is its own."""
    info = current_object(source, key)
    if info is None or file.completed_at is not None:
        return info is not None
    same_size = info.content.metadata.get("original_size") == str(file.original_size)
    return same_size and info.last_modified >= file.created_at - _CLOCKS_DIFFER


def _note_gone(file: FileUpload) -> None:
    """Note that what was kept of the same object is gone with it."""
    endpoint = file.upload.bucket_endpoint_url if file.upload is not None else None
    kept = FileUpload.objects.filter(
        key=file.key, bucket_name=file.bucket_name, removal=_Removal.KEPT
    )
    if endpoint is not None:
        kept = kept.filter(upload__bucket_endpoint_url=endpoint)
    kept.update(removal=_Removal.REMOVED)
