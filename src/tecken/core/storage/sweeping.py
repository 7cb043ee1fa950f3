# SPDX-License-Identifier: MPL-2.0

"""Drops what killed writers, and objects that are gone, have left in a bucket.

The index of a symbol file is stored just before the object that names it, and deleted after the
object is replaced. A process that dies in between leaves an index that nothing names: it is never
used and only takes room. So does what was made of an object of somebody else that is gone.

The indexes and the objects are listed side by side, both in the order of keys. Most indexes are in
order by what the listings and the rows of uploads say: only the others cost a question each. What was
looked through is noted now and then, so the next sweep goes on where this one ended.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from tecken.core.batches import batches
from tecken.core.errors import ObjectNotFoundError
from tecken.core.storage.base import Bucket, ListedObject, ObjectInfo
from tecken.core.storage.sources import Source, StoredIndex
from tecken.core.tiers.written_back import made_ids

_FOLDERS_AT_ONCE = 500

# Which of some objects are known to have been stored by us, each with its size as it was stored.
KnownObjects = Callable[[Collection[str]], Collection[tuple[str, int | None]]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a sweep ended: the key of the last index that was looked at, "" for none."""

    load: Callable[[], str]
    save: Callable[[str], object]


@dataclass(slots=True)
class _Folder:
    """The indexes and the objects of one debug file and id; objects have their last part as key."""

    indexes: Sequence[StoredIndex]
    objects: dict[str, ListedObject] = field(default_factory=dict)


def sweep_orphans(
    source: Source,
    older_than_seconds: float,
    known: KnownObjects,
    cursor: Cursor,
    max_seconds: float = 3600,
) -> int:
    """Delete indexes that no object names, and metadata without an object; return how many.

    What is younger than that is left alone, as it may belong to an object that is just being
    stored: some hours are safe. Takes constant memory, and ends after ``max_seconds``. Raises
    StorageError; what was deleted before stays deleted.
    """
    ends = time.monotonic() + max_seconds
    oldest = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
    after = cursor.load()
    swept = 0 if after else source.bucket.sweep_metadata(older_than_seconds)
    for folders in batches(_folders(source, oldest, after), _FOLDERS_AT_ONCE):
        for index in list(_orphans(source.bucket, folders, known)):
            source.bucket.delete(index.key)
            swept += 1
        cursor.save(folders[-1].indexes[-1].key)
        if time.monotonic() > ends:
            return swept
    cursor.save("")
    return swept


def _folders(source: Source, oldest: datetime, after: str) -> Iterator[_Folder]:
    """Yield the folders that have indexes written before ``oldest``, with what objects they have.

    An order that is not that of keys costs questions, and nothing else: objects that come too early
    are passed over, and those of a folder that is passed over are asked for.
    """
    objects = _objects(source, after)
    listed = next(objects, None)
    for folder, indexes in groupby(
        _indexes(source, oldest, after), lambda i: _folder_of(i.object_key)
    ):
        found = _Folder(list(indexes))
        while listed is not None and _folder_of(listed.key) < folder:
            listed = next(objects, None)
        while listed is not None and _folder_of(listed.key) == folder:
            found.objects[listed.key] = listed
            listed = next(objects, None)
        yield found


def _folder_of(key: str) -> str:
    """Return ``v1/xul.pdb/44E4…/``: with its end, as a key goes on behind it."""
    return key.rpartition("/")[0] + "/"


def _objects(source: Source, after: str) -> Iterator[ListedObject]:
    """Yield the objects, from the one on that the index ``after`` was of."""
    index = source.parse_index_key(after)
    prefix = f"{source.prefix}/" if source.prefix else ""
    # Their listing need not go through the indexes. What comes before those is asked for.
    behind_indexes = source.index_prefix.removesuffix("/") + "0"  # which follows "/"
    begin = behind_indexes if index is None else max(index.object_key, behind_indexes)
    return source.bucket.list(prefix, begin)


def _indexes(source: Source, oldest: datetime, after: str) -> Iterator[StoredIndex]:
    """Yield the indexes that were written before ``oldest``."""
    for listed in source.bucket.list(source.index_prefix, after):
        index = source.parse_index_key(listed.key)
        if index is not None and listed.last_modified < oldest:
            yield index


def _orphans(
    bucket: Bucket, folders: Iterable[_Folder], known: KnownObjects
) -> Iterator[StoredIndex]:
    """Yield the indexes that their objects do not name, asking for those that seem not to be named."""
    folders = list(folders)
    ours = set(known([key for folder in folders for key in folder.objects]))
    for folder in folders:
        for object_key, indexes in groupby(folder.indexes, lambda index: index.object_key):
            listed = folder.objects.get(object_key)
            yield from _unnamed(bucket, object_key, list(indexes), listed, ours)


def _unnamed(
    bucket: Bucket,
    object_key: str,
    indexes: list[StoredIndex],
    listed: ListedObject | None,
    ours: Collection[tuple[str, int | None]],
) -> list[StoredIndex]:
    """Return those of an object's indexes that it does not name."""
    if listed is not None:
        indexes = _without(indexes, _named_by(listed))
        if isinstance(listed, ObjectInfo) or not indexes:
            return indexes  # all is known
        if len(indexes) == 1 and (object_key, listed.size) in ours:
            return []  # the only one of what an upload stored, and nobody replaced
    return _without(indexes, _asked_names(bucket, object_key))


def _without(indexes: Iterable[StoredIndex], named: Collection[str | None]) -> list[StoredIndex]:
    return [index for index in indexes if index.object_id not in named]


def _named_by(listed: ListedObject) -> Collection[str | None]:
    """Return the ids of all that belongs to a version, as far as its listing tells."""
    own_id = listed.content.metadata.get("object_id") if isinstance(listed, ObjectInfo) else None
    return {own_id, *made_ids(listed.etag)}


def _asked_names(bucket: Bucket, object_key: str) -> Collection[str | None]:
    try:
        return _named_by(bucket.head(object_key))
    except ObjectNotFoundError:
        return ()
