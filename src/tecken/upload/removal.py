# SPDX-License-Identifier: MPL-2.0

"""Removing uploads as if they had never been: objects, rows, and what was counted of them."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Min, QuerySet

from tecken.core.batches import batches
from tecken.core.identifiers import parse_stored_key
from tecken.core.locating.events import symbol_stored
from tecken.core.storage.storing import remove
from tecken.upload.aliases import drop_aliases
from tecken.upload.daily import uncount_uploads
from tecken.upload.models import FileUpload, Upload
from tecken.upload.object_holders import source_of

_ROWS_AT_ONCE = 500


def remove_objects(uploads: "QuerySet[Upload]") -> int:
    """Delete what some uploads stored, but what others have brought too; return how many objects.

    What lies in buckets that no uploads go to any more stays there. Raises StorageError.
    """
    kept = _brought_by_others(uploads)
    removed = 0
    for file in FileUpload.objects.filter(upload__in=uploads).select_related("upload").iterator():
        key = parse_stored_key(file.symbol_key)
        source = source_of(file, key)
        if source is not None and (file.bucket_name, file.key) not in kept:
            removed += remove(source, key)
            symbol_stored.publish(key)
            drop_aliases(source, FileUpload.objects.filter(pk=file.pk))
    return removed


@transaction.atomic
def forget_uploads(uploads: "QuerySet[Upload]") -> None:
    """Delete the rows of some uploads and of their files, and take them off the counts of days."""
    uncount_uploads(uploads)
    for pks in batches(list(uploads.values_list("pk", flat=True)), _ROWS_AT_ONCE):
        FileUpload.objects.filter(upload__in=pks).delete()
        Upload.objects.filter(pk__in=pks).delete()


def _brought_by_others(uploads: "QuerySet[Upload]") -> set[tuple[str, str]]:
    """Return bucket and key of what others have stored, or found there, as well."""
    keys = set(FileUpload.objects.filter(upload__in=uploads).values_list("bucket_name", "key"))
    return keys.intersection(_others(uploads, keys))


def _others(uploads: "QuerySet[Upload]", keys: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    stored = FileUpload.objects.filter(completed_at__isnull=False, deleted_at=None)
    others = stored.exclude(upload__in=uploads)
    for some in batches({key for _, key in keys}, _ROWS_AT_ONCE):
        yield from others.filter(key__in=some).values_list("bucket_name", "key")
    first = uploads.aggregate(first=Min("pk"))["first"]
    # Who finds a file there comes after who brought it.
    later = Upload.objects.filter(pk__gt=first or 0, deleted_at=None)
    later = later.exclude(pk__in=uploads.values("pk"))
    for bucket_name, skipped in later.values_list("bucket_name", "skipped_keys").iterator():
        yield from ((bucket_name, key) for key in skipped)
