# SPDX-License-Identifier: MPL-2.0

"""The chunks that are kept: objects beside the parts of other uploads that go on later.

A chunk is its user's: nobody puts files together of what others have sent. Its object is there
before its row is. Who needs it for a file that is to be assembled says so (``kept_chunks``), and since
then nobody removes it for a day.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.utils import timezone

from tecken.accounts.models import User
from tecken.core.batches import batches
from tecken.core.errors import LimitExceededError, StorageError
from tecken.core.storage.base import Content
from tecken.core.storage.sources import Source
from tecken.upload.chunked.arriving import ArrivingChunks
from tecken.upload.models import UploadChunk
from tecken.upload.resumable.lifetime import LIFETIME

FOLDER = "chunks-"  # and the number of the user
_ROWS_AT_ONCE = 500


def keep_chunks(user: User, source: Source, arrived: ArrivingChunks) -> None:
    """Keep the chunks of a request. Raises LimitExceededError, StorageError."""
    known = kept_chunks(user, source, [chunk.sha1 for chunk in arrived.chunks])
    new = {chunk.sha1: chunk for chunk in arrived.chunks if chunk.sha1 not in known}
    size = sum(chunk.size for chunk in new.values())
    _check_amount(user, size)
    source.bucket.check_room(size)
    for sha1, chunk in new.items():
        key = source.part_key(f"{FOLDER}{user.pk}", f"{sha1}-{secrets.token_hex(8)}")
        source.bucket.put(key, arrived.read(chunk), Content())
        row = UploadChunk(
            user=user,
            source=source.name,
            sha1=sha1,
            size=chunk.size,
            key=key,
            asked_at=timezone.now(),
        )
        UploadChunk.objects.bulk_create([row], ignore_conflicts=True)
        if not UploadChunk.objects.filter(key=key).exists():
            source.bucket.delete(key)  # another request brought the same


def kept_chunks(user: User, source: Source, sha1s: Iterable[str]) -> dict[str, int]:
    """Return the sizes of those of some chunks that are kept, and keep them for another day."""
    found: dict[str, int] = {}
    for some in batches(dict.fromkeys(sha1s), _ROWS_AT_ONCE):
        rows = _of(user, source).filter(sha1__in=some)
        rows.update(asked_at=timezone.now())
        found.update(rows.values_list("sha1", "size"))
    return found


def keys_of_chunks(user: User, source_name: str, sha1s: Iterable[str]) -> dict[str, str]:
    """Return the keys of the objects of chunks."""
    found: dict[str, str] = {}
    for some in batches(dict.fromkeys(sha1s), _ROWS_AT_ONCE):
        rows = UploadChunk.objects.filter(user=user, source=source_name, sha1__in=some)
        found.update(rows.values_list("sha1", "key"))
    return found


def forget_chunk(key: str) -> None:
    """Note that the object of a chunk is gone, so that it is asked for again."""
    UploadChunk.objects.filter(key=key).delete()


def remove_chunks(
    user: User, source: Source, sha1s: Collection[str], not_asked_since: datetime
) -> None:
    """Delete chunks that nobody has needed since; those that cannot be deleted now are swept later."""
    for some in batches(dict.fromkeys(sha1s), _ROWS_AT_ONCE):
        rows = _of(user, source).filter(sha1__in=some, asked_at__lte=not_asked_since)
        with suppress(StorageError):
            _remove(source, dict(rows.values_list("key", "asked_at")))


def remove_expired(sources: Mapping[str, Source]) -> int:
    """Delete chunks that nobody has needed for a day; return how many. Raises StorageError."""
    removed = 0
    for name, source in sources.items():
        while some := dict(
            expired_chunks().filter(source=name).values_list("key", "asked_at")[:_ROWS_AT_ONCE]
        ):
            removed += _remove(source, some)
    expired_chunks().exclude(source__in=sources).delete()  # nobody can reach their bucket
    return removed


def expired_chunks() -> "QuerySet[UploadChunk]":
    """Return the chunks that nobody has needed for a day."""
    return UploadChunk.objects.filter(asked_at__lt=timezone.now() - LIFETIME)


def known_keys(keys: Collection[str]) -> set[str]:
    """Return those of the keys of objects that rows tell of."""
    known: set[str] = set()
    for some in batches(keys, _ROWS_AT_ONCE):
        known.update(UploadChunk.objects.filter(key__in=some).values_list("key", flat=True))
    return known


def _of(user: User, source: Source) -> "QuerySet[UploadChunk]":
    return UploadChunk.objects.filter(user=user, source=source.name)


def _remove(source: Source, asked: Mapping[str, datetime]) -> int:
    """Delete chunks, by the keys of objects, unless somebody has asked for them meanwhile."""
    removed = []
    for key, asked_at in asked.items():
        if UploadChunk.objects.filter(key=key, asked_at=asked_at).delete()[0]:
            removed.append(key)
    if removed:
        source.bucket.delete_all(removed)
    return len(removed)


def _check_amount(user: User, size: int) -> None:
    """Refuse more than a user may have in archives that are not complete."""
    most = settings.UPLOAD_MAX_UNFINISHED * settings.UPLOAD_MAX_ARCHIVE_BYTES
    there = UploadChunk.objects.filter(user=user).aggregate(size=Sum("size"))["size"] or 0
    if there + size > most:
        raise LimitExceededError(
            f"There are {there} bytes in chunks of this user that no file was made of, and {most}"
            " are allowed: go on with what was begun, or wait for a day"
        )
