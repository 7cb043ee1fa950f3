# SPDX-License-Identifier: MPL-2.0

"""Sweeping the indexes of all buckets that uploads go to, with what the rows of uploads know."""

import time
from collections.abc import Collection
from functools import partial

from tecken.core.batches import batches
from tecken.core.errors import StorageError
from tecken.core.storage.sources import Source
from tecken.core.storage.sweeping import Cursor, sweep_orphans
from tecken.upload.models import FileUpload, SweepCursor
from tecken.web.sources import written_sources

# An index is stored before its object, which may take this long to follow.
_ORPHAN_SECONDS = 6 * 3600
_MAX_SECONDS = 50 * 60  # of all sources, a bit less than the task may take
_KEYS_AT_ONCE = 500


def sweep_orphaned_indexes(max_seconds: float = _MAX_SECONDS) -> int:
    """Drop indexes and metadata that belong to no object; return how many.

    What there is no time for is left to the next call, which begins with it. Raises StorageError after
    all sources, if one of them fails.
    """
    ends = time.monotonic() + max_seconds
    swept, failure = 0, None
    for source in sorted(written_sources(), key=_last_swept):
        left = max(0, ends - time.monotonic())
        known = partial(_known_objects, source)
        try:
            swept += sweep_orphans(source, _ORPHAN_SECONDS, known, _cursor(source), left)
        except StorageError as error:
            failure = error
    if failure is not None:
        raise failure
    return swept


def _last_swept(source: Source) -> float:
    """Return when a source was swept last: one that takes all the time comes last the next time."""
    row = SweepCursor.objects.filter(source=source.name).first()
    return row.modified_at.timestamp() if row else 0


def _cursor(source: Source) -> Cursor:
    rows = SweepCursor.objects.filter(source=source.name)

    def save(key: str) -> None:
        SweepCursor.objects.update_or_create(source=source.name, defaults={"key": key})

    return Cursor(lambda: rows.values_list("key", flat=True).first() or "", save)


def _known_objects(source: Source, keys: Collection[str]) -> Collection[tuple[str, int | None]]:
    """Return those of the keys that uploads have stored something under, each with its size."""
    stored = FileUpload.objects.filter(bucket_name=source.bucket.name, completed_at__isnull=False)
    files = stored.exclude(removal=FileUpload.Removal.REMOVED)
    found: set[tuple[str, int | None]] = set()
    for some in batches(keys, _KEYS_AT_ONCE):
        found.update(files.filter(key__in=some).values_list("key", "size"))
    return found
