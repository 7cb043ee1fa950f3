# SPDX-License-Identifier: MPL-2.0

"""Counting what was uploaded on each day."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue_once
from tecken.upload.json_length import JsonLength
from tecken.upload.models import FileUpload, Upload, UploadsCreated

TASK = "upload.count_day"
_BURST_SECONDS = 5  # uploads that end within are counted together
_COUNTED_FILES = Q(completed_at__isnull=False, deleted_at=None)


def count_soon(day: date) -> None:
    """Have a day counted in the background."""
    enqueue_once(find_task(TASK), delay_seconds=_BURST_SECONDS, day=day.isoformat())


def count_day(day: date) -> bool:
    """Count a day; False when there is no upload of it, and then nothing is changed.

    The row is locked first, so that of two who count at once the later one sees more.
    """
    uploads = _uploads_of(day)
    if not uploads.exists():
        return False
    UploadsCreated.objects.get_or_create(date=day)
    row = UploadsCreated.objects.filter(date=day)
    with transaction.atomic():
        row.update(modified_at=timezone.now())
        row.update(**_totals(uploads))
    return True


def count_days(days: int) -> int:
    """Count the last ``days`` days again, today included; return how many had uploads.

    A day whose uploads were removed in part, as old try uploads are, is left with the others.
    """
    today = timezone.now().date()
    return sum(count_day(today - timedelta(days=ago)) for ago in range(days))


def created_since(day: date) -> dict[date, UploadsCreated]:
    """Return what was counted of each day from ``day`` on that had uploads."""
    return {row.date: row for row in UploadsCreated.objects.filter(date__gte=day)}


def totals_by_day(uploads: "QuerySet[Upload]") -> Iterator[tuple[date, dict[str, int]]]:
    """Yield what is counted of some uploads on each of their days."""
    moments = uploads.values_list("created_at", flat=True)
    for day in sorted({moment.astimezone(UTC).date() for moment in moments}):
        yield day, _counts(_uploads_of(day).filter(pk__in=uploads.values("pk")))


def uncount_uploads(uploads: "QuerySet[Upload]") -> None:
    """Take some uploads off the counts of their days: they are to be removed, or taken back."""
    for day, totals in totals_by_day(uploads):
        _take_off(day, totals)


def uncount_files(files: "QuerySet[FileUpload]") -> None:
    """Take some files off the counts of their uploads' days, without the uploads."""
    counted = files.filter(_COUNTED_FILES, upload__deleted_at=None, upload__isnull=False)
    moments = counted.values_list("upload__created_at", flat=True)
    for day, count in Counter(moment.astimezone(UTC).date() for moment in moments).items():
        _take_off(day, {"files": count})


def _take_off(day: date, totals: Mapping[str, int]) -> None:
    row = UploadsCreated.objects.filter(date=day)
    row.update(**{name: Greatest(F(name) - count, 0) for name, count in totals.items()})
    row.filter(count=0).delete()
    for left in row:
        row.update(size_avg=left.size // left.count)


def _uploads_of(day: date) -> "QuerySet[Upload]":
    """Return the uploads of a day that were not taken back."""
    start = datetime.combine(day, time.min, UTC)
    ends = start + timedelta(days=1)
    return Upload.objects.filter(created_at__gte=start, created_at__lt=ends, deleted_at=None)


def _totals(uploads: "QuerySet[Upload]") -> dict[str, int]:
    counts = _counts(uploads)
    return {**counts, "size_avg": counts["size"] // max(counts["count"], 1)}


def _counts(uploads: "QuerySet[Upload]") -> dict[str, int]:
    counts: dict[str, int] = uploads.aggregate(
        count=Count("pk"),
        size=Sum("size", default=0),
        skipped=Sum(JsonLength("skipped_keys"), default=0),
        ignored=Sum(JsonLength("ignored_keys"), default=0),
    )
    files = FileUpload.objects.filter(_COUNTED_FILES, upload__in=uploads).count()
    return {**counts, "files": files}
