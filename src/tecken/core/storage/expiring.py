# SPDX-License-Identifier: MPL-2.0

"""Objects that are kept for some time only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tecken.core.errors import InvalidNameError, ObjectNotFoundError
from tecken.core.identifiers import SymbolKey, parse_stored_key
from tecken.core.storage.sources import Source


@dataclass(frozen=True, slots=True)
class ExpiredObject:
    """An object that was written before the time that was asked for, and what it is."""

    object_key: str
    key: SymbolKey


def expired_objects(source: Source, before: datetime) -> Iterator[ExpiredObject]:
    """Yield the files of a source that were last written before ``before``, an aware datetime.

    What is no symbol key below the source's prefix is not of this source: indexes go with their
    objects, and in a bucket without a prefix other sources may lie further down.
    """
    prefix = f"{source.prefix}/" if source.prefix else ""
    for listed in source.bucket.list(prefix):
        try:
            key = parse_stored_key(listed.key.removeprefix(prefix))
        except InvalidNameError:
            continue
        if listed.last_modified < before:
            yield ExpiredObject(listed.key, key)


def delete_expired(source: Source, expired: ExpiredObject, before: datetime) -> bool:
    """Delete an object with its metadata and its index; say whether it was (still) to go.

    It is looked at again first, as an upload may have replaced it since it was listed. Raises
    StorageError.
    """
    try:
        info = source.bucket.head(expired.object_key)
    except ObjectNotFoundError:
        return False
    if info.last_modified >= before:
        return False
    source.bucket.delete(expired.object_key)
    object_id = info.content.metadata.get("object_id")
    if object_id is not None:
        source.bucket.delete(source.index_key(expired.key, object_id))
    return True
