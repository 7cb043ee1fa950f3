# SPDX-License-Identifier: MPL-2.0

"""Removing what is left of uploads that do not go on: their parts and chunks, and then their rows."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

from django.utils import timezone

from tecken.core.batches import batches
from tecken.core.errors import StorageError
from tecken.core.storage.base import ListedObject
from tecken.core.storage.sources import Source
from tecken.upload.chunked import chunks
from tecken.upload.chunked.protocol import State
from tecken.upload.models import ChunkedFile, ResumableUpload
from tecken.upload.resumable.lifetime import LIFETIME, at_rest, unfinished
from tecken.web.sources import written_sources

# The parts of an upload that is just being refused, stored or deleted are removed by who does so.
_UNTOUCHED = timedelta(hours=1)
_KEYS_AT_ONCE = 500


def remove_leftovers(*, dry_run: bool) -> int:
    """Delete the parts of uploads that have expired or are over; return how many objects those are.

    In a dry run, how many would be deleted. Raises StorageError after all sources, if one of them has
    trouble; then the rows of expired uploads stay as well.
    """
    count, failure = chunks.expired_chunks().count() if dry_run else 0, None
    for source in written_sources():
        try:
            for part in _leftover_parts(source):
                count += 1
                if not dry_run:
                    source.bucket.delete(part.key)
        except StorageError as error:
            failure = error
    if failure is not None:
        raise failure
    if not dry_run:
        expired = ResumableUpload.objects.filter(expires_at__lt=timezone.now())
        at_rest(expired).delete()
        count += chunks.remove_expired({source.name: source for source in written_sources()})
        old = ChunkedFile.objects.filter(changed_at__lt=timezone.now() - LIFETIME)
        old.exclude(state=State.OK, file__isnull=False).delete()
    return count


def _leftover_parts(source: Source) -> Iterator[ListedObject]:
    """Yield the parts of a source that no upload needs."""
    prefix = source.parts_prefix
    before = timezone.now() - _UNTOUCHED
    listed = source.bucket.list(prefix)
    for upload_id, parts in groupby(
        listed, lambda part: part.key.removeprefix(prefix).partition("/")[0]
    ):
        if upload_id.startswith(chunks.FOLDER):
            for some in batches((p for p in parts if p.last_modified < before), _KEYS_AT_ONCE):
                known = chunks.known_keys([part.key for part in some])
                yield from (part for part in some if part.key not in known)
        elif not unfinished().filter(pk=upload_id).exists():
            yield from (part for part in parts if part.last_modified < before)
