# SPDX-License-Identifier: MPL-2.0

"""The regular symbols of one destination that uploads go to, and since when nobody has brought them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from django.utils import timezone

from tecken.core.storage.sources import Source
from tecken.upload.models import FileUpload
from tecken.upload.object_holders import STORING, files_in, reachable, with_uploads
from tecken.web.sources import try_source, upload_source, written_sources

# As of the index ``fileupload_brought``.
BROUGHT_AT = Coalesce(F("found_at"), F("created_at"))
_MAX_DAYS = 36_500  # of a time that a database knows


@dataclass(frozen=True, slots=True)
class RegularDestination:
    """Where regular uploads go: a bucket, and a prefix in it. ``days`` is how long files stay, 0: for ever."""

    source: Source
    days: int

    @property
    def too_old(self) -> datetime | None:
        """Before when a file must have been brought to be too old; None where none ever is."""
        return timezone.now() - timedelta(days=min(self.days, _MAX_DAYS)) if self.days else None

    def files(self) -> "QuerySet[FileUpload]":
        """Return the files that were stored and not deleted."""
        source = self.source
        of_destination = Q(upload__bucket_endpoint_url=source.endpoint_url or "")
        if source is upload_source(try_symbols=False):
            of_destination |= Q(upload=None)
        prefix = f"{source.prefix}/" if source.prefix else ""
        return FileUpload.objects.filter(
            of_destination,
            Q(upload=None) | Q(upload__try_symbols=False),
            bucket_name=source.bucket.name,
            key__startswith=prefix,
            deleted_at=None,
            completed_at__isnull=False,
        )

    def old_files(self, before: datetime) -> "QuerySet[FileUpload]":
        """Return the files of the bucket that were brought before then, in that order.

        Also those of others than this destination: a database that is not asked for more takes the index.
        """
        stored = FileUpload.objects.filter(completed_at__isnull=False, deleted_at=None)
        old = stored.filter(LessThan(BROUGHT_AT, before), bucket_name=self.source.bucket.name)
        return with_uploads(old).order_by(BROUGHT_AT, "pk")

    def has(self, file: FileUpload) -> bool:
        """Say whether the object of a file is where regular uploads to this destination store it."""
        if file.upload is not None and file.upload.try_symbols:
            return False
        found = reachable(file)
        return found is not None and _location_of(found[0]) == _location_of(self.source)

    def last_brought(self, keys: Collection[str]) -> Mapping[str, tuple[int, datetime]]:
        """Return of each key its newest file and when that was brought.

        Keys under which a file is just being stored are left out.
        """
        newest: dict[str, tuple[int, datetime]] = {}
        stored_now = set()
        rows = files_in(self.source, keys).filter(deleted_at=None)
        columns = ("pk", "key", "found_at", "created_at", "completed_at")
        for pk, key, found_at, created_at, completed_at in rows.values_list(*columns):
            if completed_at is not None:
                last = pk, found_at or created_at
                newest[key] = max(newest.get(key, last), last, key=_by_time)
            elif created_at > timezone.now() - STORING:
                stored_now.add(key)
        return {key: last for key, last in newest.items() if key not in stored_now}


def regular_destinations() -> Iterator[RegularDestination]:
    """Yield each destination that regular uploads go to, once; never that of try symbols."""
    seen = {_location_of(try_source())}
    for source in written_sources():
        if _location_of(source) not in seen:
            seen.add(_location_of(source))
            days = settings.SYMBOLS_RETENTION_DAYS_BY_BUCKET.get(source.bucket.name)
            yield RegularDestination(
                source, settings.SYMBOLS_RETENTION_DAYS if days is None else days
            )


def _location_of(source: Source) -> tuple[str, str, str]:
    return source.bucket.name, source.endpoint_url or "", source.prefix


def _by_time(last: tuple[int, datetime]) -> tuple[datetime, int]:
    return last[1], last[0]
