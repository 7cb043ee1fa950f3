# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Drops what killed writers, and objects that are gone, have left in a bucket.

The index of a symbol file is stored just before the object that names it, and deleted after the
object is replaced. A process that dies in between leaves an index that nothing names: it is never
used and only takes room. So does what was made of an object of somebody else that is gone.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby

from tecken.core.errors import ObjectNotFoundError
from tecken.core.storage.base import Bucket
from tecken.core.storage.sources import Source, StoredIndex
from tecken.core.written_back import made_ids


def sweep_orphans(source: Source, older_than_seconds: float) -> int:
    """Delete indexes that no object names, and metadata without an object; return how many.

    What is younger than that is left alone, as it may belong to an object that is just being
    stored: some hours are safe. Takes constant memory, and asks the bucket once for every symbol
    file with an old index. Raises StorageError; what was deleted before stays deleted.
    """
    oldest = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
    bucket = source.bucket
    swept = bucket.sweep_metadata(older_than_seconds)
    # The indexes of one object are listed one after the other, as they share a folder.
    for object_key, indexes in groupby(_indexes(source, oldest), lambda index: index.object_key):
        for index in list(_orphans(bucket, object_key, indexes)):
            bucket.delete(index.key)
            swept += 1
    return swept


def _indexes(source: Source, oldest: datetime) -> Iterator[StoredIndex]:
    """Yield the indexes that were written before ``oldest``."""
    for listed in source.bucket.list(source.index_prefix):
        index = source.parse_index_key(listed.key)
        if index is not None and listed.last_modified < oldest:
            yield index


def _orphans(
    bucket: Bucket, object_key: str, indexes: Iterable[StoredIndex]
) -> Iterator[StoredIndex]:
    """Yield those of an object's indexes that it does not name."""
    try:
        info = bucket.head(object_key)
        named = {info.content.metadata.get("object_id"), *made_ids(info.etag)}
    except ObjectNotFoundError:
        named = set()
    return (index for index in indexes if index.object_id not in named)
