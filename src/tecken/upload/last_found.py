# SPDX-License-Identifier: MPL-2.0

"""When regular files were found in their buckets last by an upload that did not have to store them.

An upload keeps the keys of what it found in one list. Whoever looks for what nobody has uploaded for a
year would have to read the lists of a year, so they are read once, and each file is told when it was
found. A cursor says how far that is; the first time it begins with the first upload of all.

No upload finds symbols that were derived: they count as found when a file of their build was brought last, so that
both are too old at once.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from tecken.core.batches import batches
from tecken.core.native.kinds import DERIVABLE_KINDS
from tecken.upload.models import FileUpload, SweepCursor, Upload

_CURSOR = "uploads whose found files are noted"
# Rows may be seen a little later than their number and their time say. Those are read twice.
_SETTLED = timedelta(hours=1)
_UPLOADS_AT_ONCE = 500
_KEYS_IN_MEMORY = 50_000
_ROWS_AT_ONCE = 500

_Bucket = tuple[str, str]  # name and endpoint


def note_found(ends: float) -> datetime | None:
    """Note what regular uploads have found; return the time of which all is known then.

    None when there was no time for all until ``ends``, which is a time of ``time.monotonic``.
    """
    settled = timezone.now() - _SETTLED
    known = Upload.objects.filter(created_at__lt=settled).order_by("-pk")
    last = known.values_list("pk", flat=True).first() or 0
    cursor = SweepCursor.objects.filter(source=_CURSOR).values_list("key", flat=True).first()
    after = int(cursor or 0)
    notes = _Notes()
    for pk, created_at, bucket in _finders(after):
        if time.monotonic() > ends:
            return None
        keys = Upload.objects.filter(pk=pk).values_list("skipped_keys", flat=True).first()
        notes.add(bucket, keys or (), created_at)
        if notes.are_many:
            notes.write()
            _advance(min(pk, last))
    notes.write()
    _advance(max(after, last))
    return settled


def note_derived(symbols: "QuerySet[FileUpload]", originals: Iterable[FileUpload]) -> None:
    """Note of derived symbols that they were brought when the last of their originals was."""
    moment = max(row.found_at or row.created_at for row in originals)
    _not_since(symbols.filter(derived=True), moment).update(found_at=moment)


def _not_since(files: "QuerySet[FileUpload]", moment: datetime) -> "QuerySet[FileUpload]":
    return files.filter(Q(found_at=None) | Q(found_at__lt=moment))


def _finders(after: int) -> Iterator[tuple[int, datetime, _Bucket]]:
    """Yield the regular uploads that have found something, in the order of their rows."""
    uploads = Upload.objects.filter(try_symbols=False, deleted_at=None).exclude(skipped_keys=[])
    columns = ("pk", "created_at", "bucket_name", "bucket_endpoint_url")
    while page := list(
        uploads.filter(pk__gt=after).order_by("pk").values_list(*columns)[:_UPLOADS_AT_ONCE]
    ):
        for pk, created_at, bucket_name, endpoint in page:
            yield pk, created_at, (bucket_name, endpoint)
            after = pk


def _advance(pk: int) -> None:
    SweepCursor.objects.update_or_create(source=_CURSOR, defaults={"key": str(pk)})


class _Notes:
    """What is to be written: of each key in a bucket, when it was found last."""

    def __init__(self) -> None:
        self._found: dict[_Bucket, dict[str, datetime]] = {}

    @property
    def are_many(self) -> bool:
        """Whether they should be written before there are more."""
        return sum(map(len, self._found.values())) > _KEYS_IN_MEMORY

    def add(self, bucket: _Bucket, keys: Iterable[str], moment: datetime) -> None:
        """Note that an upload has found some keys; uploads come in their order."""
        self._found.setdefault(bucket, {}).update(dict.fromkeys(keys, moment))

    def write(self) -> None:
        """Write them to the rows of the files, and forget them."""
        for (bucket_name, endpoint), found in self._found.items():
            by_moment: dict[datetime, list[str]] = {}
            for key, moment in found.items():
                by_moment.setdefault(moment, []).append(key)
            in_bucket = FileUpload.objects.filter(
                Q(upload=None) | Q(upload__bucket_endpoint_url=endpoint),
                bucket_name=bucket_name,
                deleted_at=None,
            )
            for moment, keys in by_moment.items():
                before = _not_since(in_bucket, moment)
                for some in batches(keys, _ROWS_AT_ONCE):
                    older = before.filter(key__in=some, created_at__lt=moment)
                    older.update(found_at=moment)
                originals = [key for key in keys if not key.lower().endswith(".sym")]
                for some in batches(originals, _ROWS_AT_ONCE):
                    of_builds = in_bucket.filter(key__in=some, kind__in=DERIVABLE_KINDS)
                    ids = {*of_builds.exclude(debug_id="").values_list("debug_id", flat=True)}
                    before.filter(debug_id__in=ids, derived=True).update(found_at=moment)
        self._found.clear()
