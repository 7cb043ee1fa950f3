# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Removing uploads as if they had never been: objects, rows, and what was counted of them."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, Min, QuerySet
from django.db.models.functions import Greatest

from tecken.core.batches import batches
from tecken.core.events import symbol_stored
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.sources import Source
from tecken.core.storing import remove
from tecken.upload.daily import totals_by_day
from tecken.upload.models import FileUpload, Upload, UploadsCreated
from tecken.web.sources import written_sources

_ROWS_AT_ONCE = 500


def remove_objects(uploads: "QuerySet[Upload]") -> int:
    """Delete what some uploads stored, but what others have brought too; return how many objects.

    What lies in buckets that no uploads go to any more stays there. Raises StorageError.
    """
    kept = _brought_by_others(uploads)
    removed = 0
    for file in FileUpload.objects.filter(upload__in=uploads).select_related("upload").iterator():
        key = SymbolKey.parse(file.symbol_key)
        source = _source_of(file, key)
        if source is not None and (file.bucket_name, file.key) not in kept:
            removed += remove(source, key)
            symbol_stored.publish(key)
    return removed


@transaction.atomic
def forget_uploads(uploads: "QuerySet[Upload]") -> None:
    """Delete the rows of some uploads and of their files, and take them off the counts of days."""
    for day, totals in totals_by_day(uploads):
        row = UploadsCreated.objects.filter(date=day)
        row.update(**{name: Greatest(F(name) - count, 0) for name, count in totals.items()})
        row.filter(count=0).delete()
        for left in row:
            row.update(size_avg=left.size // left.count)
    for pks in batches(list(uploads.values_list("pk", flat=True)), _ROWS_AT_ONCE):
        FileUpload.objects.filter(upload__in=pks).delete()
        Upload.objects.filter(pk__in=pks).delete()


def _brought_by_others(uploads: "QuerySet[Upload]") -> set[tuple[str, str]]:
    """Return bucket and key of what others have stored, or found there, as well."""
    keys = set(FileUpload.objects.filter(upload__in=uploads).values_list("bucket_name", "key"))
    return keys.intersection(_others(uploads, keys))


def _others(uploads: "QuerySet[Upload]", keys: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    others = FileUpload.objects.exclude(upload__in=uploads).filter(completed_at__isnull=False)
    for some in batches({key for _, key in keys}, _ROWS_AT_ONCE):
        yield from others.filter(key__in=some).values_list("bucket_name", "key")
    first = uploads.aggregate(first=Min("pk"))["first"]
    # Who finds a file there comes after who brought it.
    later = Upload.objects.filter(pk__gt=first or 0).exclude(pk__in=uploads.values("pk"))
    for bucket_name, skipped in later.values_list("bucket_name", "skipped_keys").iterator():
        yield from ((bucket_name, key) for key in skipped)


def _source_of(file: FileUpload, key: SymbolKey) -> Source | None:
    """Return the source that a file was stored in, if uploads still go there."""
    upload = file.upload
    for source in written_sources():
        same_key = source.object_key(key) == file.key and source.bucket.name == file.bucket_name
        endpoint = upload.bucket_endpoint_url if upload is not None else ""
        if same_key and (source.endpoint_url or "") == endpoint:
            return source
    return None
