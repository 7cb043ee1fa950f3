# SPDX-License-Identifier: MPL-2.0

"""Who holds the object of a file that was taken back, so that it stays in its bucket.

An object is that of the file which was stored last. It is held by

- that file, unless it was taken back, too: what it replaced is gone already,
- a file of the same size that was stored at the same time, as two uploads of one archive do,
- an upload that found the object there since, and so did not store it again,
- a file that an upload is just about to store.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, F, Min, Q, QuerySet, When
from django.utils import timezone

from tecken.core.batches import batches
from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import SymbolKey, parse_stored_key
from tecken.core.storage.sources import Source
from tecken.upload.models import FileUpload, Upload
from tecken.web.sources import upload_source, written_sources

# How long an upload may take between the row of a file and its object.
STORING = timedelta(hours=6)
_ROWS_AT_ONCE = 500

# What can be found: also what was taken back, but is held by another upload.
IS_THERE = Q(completed_at__isnull=False) & (Q(deleted_at=None) | Q(removal=FileUpload.Removal.KEPT))
# Who found a file before then does not hold it: before it was there, or before all have released it.
_HELD_SINCE = Case(
    When(
        Q(released_at__isnull=False, released_for=None, released_at__gt=F("created_at")),
        then=F("released_at"),
    ),
    default=F("created_at"),
)

# Name and endpoint of a bucket, and an object's key in it.
Location = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Finder:
    """An upload that found an object in its bucket."""

    user_id: int
    created_at: datetime


Finders = Mapping[Location, Sequence[Finder]]


def reachable(file: FileUpload) -> tuple[Source, SymbolKey] | None:
    """Return where a file's object lies; None when no upload of now could store it there."""
    try:
        key = parse_stored_key(file.symbol_key)
    except InvalidNameError:  # of a row that another server wrote
        return None
    bucket_name, endpoint, object_key = location_of(file)
    for source in written_sources():
        is_its = source.object_key(key) == object_key and source.bucket.name == bucket_name
        if is_its and (source.endpoint_url or "") == endpoint:
            return source, key
    return None


def is_there(file: FileUpload) -> bool:
    """Say of a row what ``IS_THERE`` says to the database."""
    is_kept = file.deleted_at is None or file.removal == FileUpload.Removal.KEPT
    return is_kept and file.completed_at is not None


def location_of(file: FileUpload) -> Location:
    """Return where a file lies; one of no upload lies in the default bucket."""
    if file.upload is not None:
        return file.bucket_name, file.upload.bucket_endpoint_url, file.key
    return file.bucket_name, upload_source(try_symbols=False).endpoint_url or "", file.key


def with_uploads(files: "QuerySet[FileUpload]") -> "QuerySet[FileUpload]":
    """Return files with their uploads, without the lists of keys, which may be long."""
    lists = ("upload__skipped_keys", "upload__ignored_keys", "upload__redirect_urls")
    return files.select_related("upload").defer(*lists)


def files_in(source: Source, keys: Collection[str]) -> "QuerySet[FileUpload]":
    """Return the files that were, or were to be, stored in a bucket under some objects' keys."""
    same_server = Q(upload=None) | Q(upload__bucket_endpoint_url=source.endpoint_url or "")
    return FileUpload.objects.filter(same_server, key__in=keys, bucket_name=source.bucket.name)


def later_finders(files: "QuerySet[FileUpload]") -> "QuerySet[Upload]":
    """Return the uploads that may have found the objects of some files in their buckets."""
    first = files.aggregate(first=Min(_HELD_SINCE))["first"]
    buckets = list(files.order_by().values_list("bucket_name", flat=True).distinct())
    later = Upload.objects.filter(bucket_name__in=buckets, deleted_at=None)
    later = later.filter(created_at__gt=first) if first else later.none()
    return later.exclude(skipped_keys=[])


def finders_of(files: "QuerySet[FileUpload]") -> Finders:
    """Return which uploads have found the objects of some files there; reads all later uploads."""
    wanted = {location_of(file) for file in with_uploads(files)}
    rows = later_finders(files).values_list(
        "user_id", "created_at", "bucket_name", "bucket_endpoint_url", "skipped_keys"
    )
    found: dict[Location, list[Finder]] = {}
    for user_id, created_at, bucket_name, endpoint, skipped in rows.iterator(_ROWS_AT_ONCE):
        finder = Finder(user_id, created_at)
        for key in skipped:
            if (bucket_name, endpoint, key) in wanted:
                found.setdefault((bucket_name, endpoint, key), []).append(finder)
    return found


def held_among(files: Collection[FileUpload], finders: Finders) -> set[int]:
    """Return those of some files that were taken back whose objects must stay, by their ``pk``.

    Of a file that was never finished, whoever calls knows that the object is its own.
    """
    of_keys = FileUpload.objects.filter(_stored_or_storing(), key__in={file.key for file in files})
    at: dict[Location, list[FileUpload]] = {}
    for other in with_uploads(of_keys):
        at.setdefault(location_of(other), []).append(other)
    return {file.pk for file in files if _is_held(file, at.get(location_of(file), ()), finders)}


def _is_held(file: FileUpload, others: Sequence[FileUpload], finders: Finders) -> bool:
    """Say whether an object stays; ``others`` are all that were, or are to be, stored in its place."""
    if any(other.completed_at is None for other in others):
        return True
    since = file.created_at if file.completed_at is None else None
    last = _last(others, since) or file
    if any(other.deleted_at is None and _is_same(other, last) for other in others):
        return True
    return any(_holds(finder, last) for finder in finders.get(location_of(file), ()))


def wake_kept(upload: Upload) -> list[int]:
    """Have the kept objects looked at again that an upload, now taken back, may have held."""
    woken: list[int] = []
    kept = FileUpload.objects.filter(
        bucket_name=upload.bucket_name,
        upload__bucket_endpoint_url=upload.bucket_endpoint_url,
        removal=FileUpload.Removal.KEPT,
    )
    for keys in batches(upload.skipped_keys, _ROWS_AT_ONCE):
        woken += kept.filter(key__in=keys).values_list("pk", flat=True)
    return woken


def _stored_or_storing() -> Q:
    storing = Q(deleted_at=None, created_at__gt=timezone.now() - STORING)
    return Q(completed_at__isnull=False) | storing


def _last(files: Iterable[FileUpload], since: datetime | None) -> FileUpload | None:
    """Return the file that was stored last, or of those since a time."""
    done = [(file.completed_at, file.pk, file) for file in files if file.completed_at is not None]
    if since is not None:
        done = [one for one in done if one[0] >= since]
    return max(done, key=lambda one: one[:2])[2] if done else None


def _is_same(file: FileUpload, last: FileUpload) -> bool:
    """Say whether a file has the object that the last one has, as far as the rows tell."""
    if file.pk == last.pk:
        return True
    at_once = file.completed_at is not None and file.completed_at >= last.created_at
    return at_once and file.original_size == last.original_size


def _holds(finder: Finder, file: FileUpload) -> bool:
    """Say whether an upload has found this file and still holds it."""
    if finder.created_at <= file.created_at:
        return False
    if file.released_at is None or finder.created_at > file.released_at:
        return True
    return file.released_for_id not in (None, finder.user_id)
