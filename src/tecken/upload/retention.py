# SPDX-License-Identifier: MPL-2.0

"""How long uploads are kept: symbols of try builds, their rows, and rows of interrupted uploads.

Regular symbols have rules of their own (``regular_retention``). Every function returns how many things it removed, or, in a dry
run, how many it would.
"""

import logging
from collections.abc import Iterable, Sequence, Set
from datetime import datetime, timedelta
from itertools import chain

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from tecken.core.batches import batches
from tecken.core.locating.events import symbol_stored
from tecken.core.storage.expiring import ExpiredObject, delete_expired, expired_objects
from tecken.core.storage.source_urls import location_of
from tecken.core.upstreams.urls import is_upstream
from tecken.upload.aliases import drop_dangling
from tecken.upload.models import FileUpload, Upload
from tecken.web.sources import upload_source

_OBJECTS_AT_ONCE = 5000
_ROWS_AT_ONCE = 500

logger = logging.getLogger(__name__)


def remove_try_objects(*, dry_run: bool) -> int:
    """Delete what no try upload has brought for some days, and tell the caches.

    An upload that found an object already there counts as much as one that stored it. One that is
    just looking at an object as it expires may skip it and lose it: the next one stores it again.
    """
    source = upload_source(try_symbols=True)
    buckets = (url for url in settings.SYMBOL_URLS if not is_upstream(url))
    regular = (*buckets, *settings.UPLOAD_URL_EXCEPTIONS.values())
    if location_of(settings.UPLOAD_TRY_SYMBOLS_URL) in map(location_of, regular):
        logger.warning("symbols of try builds lie among regular ones, so none are removed")
        return 0
    before = _days_ago(settings.TRY_SYMBOLS_RETENTION_DAYS)
    count = 0
    for batch in batches(expired_objects(source, before), _OBJECTS_AT_ONCE):
        for expired in _not_brought_since(batch, before):
            if dry_run:
                count += 1
            elif delete_expired(source, expired, before):
                symbol_stored.publish(expired.key)
                count += 1
    if not dry_run:
        drop_dangling(source, before)
    return count


def remove_try_uploads(*, dry_run: bool) -> int:
    """Delete the rows of try uploads, with those of their files; return how many uploads those are.

    A file that a later upload found there keeps its row, as it keeps its object, and so does the
    upload that stored it: nothing else tells of the file's code id.
    """
    before = _days_ago(settings.TRY_SYMBOLS_RETENTION_DAYS)
    over = Q(completed_at__isnull=False) | Q(
        created_at__lt=_days_ago(settings.UPLOAD_INCOMPLETE_RETENTION_DAYS)
    )
    uploads = Upload.objects.filter(over, try_symbols=True, created_at__lt=before)
    removed = 0
    for batch in batches(list(uploads.values_list("pk", flat=True)), _ROWS_AT_ONCE):
        rows = FileUpload.objects.filter(upload__in=batch).values_list("pk", "key", "upload_id")
        files = list(rows)
        brought = _brought_since({key for _, key, _ in files}, before)
        kept = {upload for _, key, upload in files if key in brought}
        removed += len(batch) - len(kept)
        if not dry_run:
            _delete(FileUpload, [pk for pk, key, _ in files if key not in brought])
            _delete(Upload, [pk for pk in batch if pk not in kept])
    return removed


def remove_interrupted_uploads(*, dry_run: bool) -> int:
    """Delete the rows of files that were never stored, and of uploads that stored none.

    A file that was stored is there, whatever became of the rest of its upload, so its row stays
    and tells of it.
    """
    before = _days_ago(settings.UPLOAD_INCOMPLETE_RETENTION_DAYS)
    old = {"completed_at": None, "created_at__lt": before}
    stored = FileUpload.objects.filter(upload=OuterRef("pk"), completed_at__isnull=False)
    uploads = Upload.objects.filter(~Exists(stored), **old)
    files = FileUpload.objects.filter(**old)
    return _remove(files, dry_run=dry_run) + _remove(uploads, dry_run=dry_run)


def _not_brought_since(batch: Sequence[ExpiredObject], since: datetime) -> Iterable[ExpiredObject]:
    """Leave out the objects that an upload has found there since then."""
    brought = _brought_since({expired.object_key for expired in batch}, since)
    return (expired for expired in batch if expired.object_key not in brought)


def _brought_since(keys: Set[str], since: datetime) -> set[str]:
    """Return those of the keys that a try upload has skipped since then, as they were there."""
    uploads = Upload.objects.filter(try_symbols=True, created_at__gte=since, deleted_at=None)
    skipped = uploads.values_list("skipped_keys", flat=True).iterator(_ROWS_AT_ONCE)
    return {key for key in chain.from_iterable(skipped) if key in keys}


def _remove(rows: "QuerySet[Model]", *, dry_run: bool) -> int:
    """Delete rows, some at a time, so that nobody waits long for the database."""
    if dry_run:
        return rows.count()
    removed = 0
    while ids := list(rows.values_list("pk", flat=True)[:_ROWS_AT_ONCE]):
        _delete(rows.model, ids)
        removed += len(ids)
    return removed


def _delete(model: type[Model], pks: Iterable[int]) -> None:
    for batch in batches(pks, _ROWS_AT_ONCE):
        model._default_manager.filter(pk__in=batch).delete()


def _days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
