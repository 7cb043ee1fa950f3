# SPDX-License-Identifier: MPL-2.0

"""How long regular symbols are kept: for some days, and of each name the newest debug ids.

Both rules look at objects: one counts as brought when an upload last stored it or found it there. Each rule
removes by itself, so a file must pass both to stay. What the first one removes, the second does not count.

A rule marks the rows of some hundred files, as if somebody took them back, and removes their objects; then
come the next. No run reads the whole table: the first finds what is too old by an index, the second looks at
the names of which there are new files since it looked last.
"""

import logging
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual
from django.utils import timezone

from tecken.accounts.audit import RetentionRecord
from tecken.core.batches import batches
from tecken.upload.deleted_objects import remove_objects_of
from tecken.upload.last_found import note_found
from tecken.upload.models import FileUpload, SweepCursor, Upload
from tecken.upload.object_holders import STORING, files_in, with_uploads
from tecken.upload.regular_files import BROUGHT_AT, RegularDestination, regular_destinations

_MAX_SECONDS = 50 * 60  # a bit less than the task may take; the next run goes on
_FILES_AT_ONCE = 500
_NEW_FILES_AT_ONCE = 5000
_NAMES_AT_ONCE = 200
_IDS_AT_ONCE = 200
_IDS_IN_MEMORY = 20_000

logger = logging.getLogger(__name__)


def remove_old_symbols(*, dry_run: bool, max_seconds: float = _MAX_SECONDS) -> int:
    """Remove the regular symbols that nobody has brought for too long; return how many files.

    Raises StorageError, and then the objects of what is marked already are removed later.
    """
    destinations = [destination for destination in regular_destinations() if destination.days]
    run = _Run.begin("too old", dry_run=dry_run, max_seconds=max_seconds) if destinations else None
    if run is None:
        return 0
    for destination in destinations:
        before = destination.too_old
        if before is not None:
            reason = f"Retention: nobody uploaded it for {destination.days} days"
            for keys in _old_keys(destination, before, run):
                run.remove(destination, keys, reason)
                _mark_uploads(run, reason, before)
    return run.count


def remove_surplus_symbols(*, dry_run: bool, max_seconds: float = _MAX_SECONDS) -> int:
    """Remove the regular symbols of all but the newest debug ids of each name; return how many files.

    Those that are too old anyway are left to ``remove_old_symbols``. Raises StorageError as that does.
    """
    kept = settings.SYMBOLS_KEEP_LAST
    run = _Run.begin("surplus", dry_run=dry_run, max_seconds=max_seconds) if kept else None
    if run is None:
        return 0
    reason = f"Retention: there are {kept} newer debug ids of its name"
    for destination, names in _names_with_new_files(kept, run):
        keys: list[str] = []
        for debug_file, ids in _surplus_ids(destination, names, kept, run):
            keys += _keys_of(destination, debug_file, ids)
            if len(ids) == _IDS_AT_ONCE or len(keys) >= _FILES_AT_ONCE:
                _remove_surplus(destination, keys, run, reason)
                keys = []
        _remove_surplus(destination, keys, run, reason)
    return run.count


def _remove_surplus(
    destination: RegularDestination, keys: Collection[str], run: "_Run", reason: str
) -> None:
    run.remove(destination, keys, reason)
    _mark_uploads(run, reason, None)


@dataclass(slots=True)
class _Run:
    """One run of a rule: what it removes, and when it must end.

    ``noted`` is until when it is known what uploads have found; those since then hold it still.
    """

    dry_run: bool
    ends: float
    noted: datetime
    record: RetentionRecord
    count: int = 0
    marked: list[int] = field(default_factory=list)

    @classmethod
    def begin(cls, rule: str, *, dry_run: bool, max_seconds: float) -> "_Run | None":
        """Begin a run; None when the time was not enough to look through all uploads first."""
        ends = inf if dry_run else time.monotonic() + max_seconds
        noted = note_found(ends)
        if noted is None:
            logger.warning("there were too many uploads to look through: the next run goes on")
            return None
        return cls(dry_run, ends, noted, RetentionRecord(rule))

    @property
    def is_over(self) -> bool:
        """Whether there is no time for more; a dry run takes what it needs."""
        return time.monotonic() > self.ends

    def remove(self, destination: RegularDestination, keys: Collection[str], reason: str) -> None:
        """Mark all files of some keys, and remove their objects; or count them only."""
        self.count += len(keys)
        self.marked = []
        if self.dry_run or not keys:
            return
        with transaction.atomic():
            files = files_in(destination.source, keys).filter(
                deleted_at=None, completed_at__isnull=False
            )
            self.marked = list(files.values_list("pk", flat=True))
            FileUpload.objects.filter(pk__in=self.marked, deleted_at=None).update(
                deleted_at=timezone.now(),
                delete_reason=reason,
                removal=FileUpload.Removal.PENDING,
                released_at=self.noted,
                released_for=None,
            )
            self.record.add(destination.source.bucket.name, len(keys))
        remove_objects_of(self.marked)


def _old_keys(destination: RegularDestination, before: datetime, run: _Run) -> Iterator[list[str]]:
    """Yield the keys that were brought last before then; each once, by its newest file."""
    old = following = destination.old_files(before)
    while not run.is_over:
        files = list(following[:_FILES_AT_ONCE])
        if not files:
            return
        last = destination.last_brought({file.key for file in files})
        newest = {pk for pk, brought_at in last.values() if brought_at < before}
        yield [file.key for file in files if file.pk in newest and destination.has(file)]
        at, pk = files[-1].found_at or files[-1].created_at, files[-1].pk
        beyond = Q(GreaterThan(BROUGHT_AT, at)) | Q(pk__gt=pk)
        following = old.filter(GreaterThanOrEqual(BROUGHT_AT, at), beyond)


def _names_with_new_files(kept: int, run: _Run) -> Iterator[tuple[RegularDestination, list[str]]]:
    """Yield the names of which files have come since the last run that kept as many, each once.

    What was looked at is noted when the caller comes back for more.
    """
    cursor = f"files of which the newest {kept} are kept"
    settled = timezone.now() - STORING
    saved = SweepCursor.objects.filter(source=cursor).values_list("key", flat=True).first()
    after = int(saved or 0)
    destinations = list(regular_destinations())
    seen: set[tuple[str, str]] = set()
    files = FileUpload.objects.order_by("pk").values_list(
        "pk", "created_at", "bucket_name", "debug_file"
    )
    while page := list(files.filter(pk__gt=after)[:_NEW_FILES_AT_ONCE]):
        new = {row[2:] for row in page} - seen
        seen |= new
        for destination in destinations:
            names = [
                name for bucket_name, name in new if bucket_name == destination.source.bucket.name
            ]
            yield destination, names
            if run.is_over:
                return  # the next run looks at these names again
        after = page[-1][0]
        if not run.dry_run and max(row[1] for row in page) < settled:
            SweepCursor.objects.update_or_create(source=cursor, defaults={"key": str(after)})


def _names_with_surplus(
    destination: RegularDestination, names: Iterable[str], kept: int
) -> Iterator[str]:
    for some in batches(sorted(names), _NAMES_AT_ONCE):
        files = destination.files().filter(debug_file__in=some).order_by()
        counted = files.values("debug_file").annotate(ids=Count("debug_id", distinct=True))
        yield from list(counted.filter(ids__gt=kept).values_list("debug_file", flat=True))


def _surplus_ids(
    destination: RegularDestination, names: Iterable[str], kept: int, run: _Run
) -> Iterator[tuple[str, list[str]]]:
    """Yield names with their debug ids but the newest, some at a time, until there is no more time.

    Of a list that is full, all must be removed before the next one is asked for.
    """
    for debug_file in _names_with_surplus(destination, names, kept):
        for ids in _surplus_ids_of(destination, debug_file, kept, run):
            yield debug_file, ids
            if run.is_over:
                return


def _surplus_ids_of(
    destination: RegularDestination, debug_file: str, kept: int, run: _Run
) -> Iterator[list[str]]:
    files = destination.files().filter(debug_file=debug_file)
    by_age = files.order_by().values("debug_id").annotate(newest=Max(BROUGHT_AT))
    ids = by_age.order_by("-newest", "-debug_id").values_list("debug_id", flat=True)
    skipped = kept
    while page := list(ids[skipped : skipped + _IDS_IN_MEMORY]):
        for some in batches(page, _IDS_AT_ONCE):
            yield some
            left = files.filter(debug_id__in=some).values("debug_id").distinct()
            skipped += len(some) if run.dry_run else left.count()


def _keys_of(destination: RegularDestination, debug_file: str, ids: Collection[str]) -> list[str]:
    """Return the keys of some debug ids, without those that are too old anyway."""
    files = destination.files().filter(debug_file=debug_file, debug_id__in=ids)
    by_key = {file.key: file for file in with_uploads(files)}
    before = destination.too_old
    last = destination.last_brought(by_key)
    return [
        key
        for key, (_, brought_at) in last.items()
        if (before is None or brought_at >= before) and destination.has(by_key[key])
    ]


def _mark_uploads(run: _Run, reason: str, before: datetime | None) -> None:
    """Mark the uploads of which nothing is left by what a run has marked just now.

    One that found files there which are not too old brought those as well, so it stays.
    """
    left = FileUpload.objects.filter(upload=OuterRef("pk"), deleted_at=None)
    found_nothing = Q(skipped_keys=[])
    if before is not None:
        found_nothing |= Q(created_at__lt=before)
    over = Upload.objects.filter(~Exists(left), found_nothing, deleted_at=None)
    for pks in batches(_uploads_of(run.marked), _FILES_AT_ONCE):
        gone = over.filter(pk__in=pks, completed_at__isnull=False)
        gone.update(deleted_at=timezone.now(), delete_reason=reason)


def _uploads_of(pks: Iterable[int]) -> list[int]:
    files = FileUpload.objects.filter(pk__in=list(pks), upload__isnull=False)
    return list(files.order_by().values_list("upload_id", flat=True).distinct())
