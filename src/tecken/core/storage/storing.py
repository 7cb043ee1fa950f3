# SPDX-License-Identifier: MPL-2.0

"""How a file of a symbol store becomes an object, and when it need not.

A ``.sym`` file is stored as seekable gzip, its index beside it under a reserved prefix. A random
``object_id`` is in both: the index is stored first, then the object whose metadata names it, so
publishing the object switches both at once, and the index of what it replaced is deleted after.
Other files keep their bytes. All carry the size and the MD5 of their text, by which an upload sees
that a bucket already has them.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from tecken.core.errors import ObjectChangedError, ObjectNotFoundError, StorageError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Content, ObjectInfo, ObjectWriter
from tecken.core.storage.digest import Digest
from tecken.core.storage.packing import PackedFile
from tecken.core.storage.sources import Source
from tecken.core.symbols.index_file import save_index
from tecken.core.symbols.seekable import SeekableWriter

_NO_CONTENT = Content()
_ATTEMPTS = 50  # to publish while others publish the same key; each takes a look and a rename


@dataclass(frozen=True, slots=True)
class StoringRules:
    """By extension (``sym``): what is stored as seekable gzip, and which content type it gets."""

    compress_extensions: frozenset[str]
    content_types: Mapping[str, str]

    def compresses(self, key: SymbolKey) -> bool:
        """Say whether a file is stored as seekable gzip."""
        return _extension(key) in self.compress_extensions

    def content_type(self, key: SymbolKey) -> str:
        """Return the content type of a file."""
        return self.content_types.get(_extension(key), _NO_CONTENT.content_type)


def current_object(source: Source, key: SymbolKey) -> ObjectInfo | None:
    """Return what the source has under a key now; None when it answered that it has nothing."""
    try:
        return source.bucket.head(source.object_key(key))
    except ObjectNotFoundError:
        return None


def current_objects(
    source: Source, keys: Iterable[SymbolKey]
) -> Iterator[tuple[SymbolKey, ObjectInfo | None]]:
    """Yield each of many keys with what ``current_object`` returns; a far bucket is asked at once."""
    wanted = list(keys)
    answers = source.bucket.heads(map(source.object_key, wanted))
    return ((key, info) for key, (_, info) in zip(wanted, answers, strict=True))


def is_same(info: ObjectInfo, digest: Digest, *, compressed: bool) -> bool:
    """Say whether an object holds the file of this digest, in the form in which it is stored.

    A compressed object is known by our metadata only. One that keeps its bytes may come from
    elsewhere: its ETag may be its MD5, as that of an S3 object put in one go is.
    """
    metadata = info.content.metadata
    if metadata.get("original_size") == str(digest.size):
        same_form = (info.content.content_encoding == "gzip") == compressed
        return same_form and metadata.get("original_md5_hash") == digest.md5
    return not compressed and info.size == digest.size and info.etag == digest.md5


def may_be_same(info: ObjectInfo, size: int) -> bool:
    """Say whether an object may hold a file of this size: then its digest must be known first."""
    return info.content.metadata.get("original_size") == str(size)


def store(
    source: Source,
    key: SymbolKey,
    body: Iterable[bytes] | PackedFile,
    digest: Digest,
    rules: StoringRules,
) -> ObjectInfo:
    """Store a file, in constant memory, in place of what the source has under the key.

    ``body`` is its bytes, or what they were packed into, where the rules say that it is compressed.
    The errors of the bucket and of ``body`` pass through, and then nothing has changed.
    """
    compressed = rules.compresses(key)
    metadata = {"original_size": str(digest.size), "original_md5_hash": digest.md5}
    if compressed:
        made = body.object_id if isinstance(body, PackedFile) else secrets.token_hex(16)
        metadata["object_id"] = made
    content = Content(rules.content_type(key), "gzip" if compressed else None, metadata)
    try:
        with source.bucket.create(source.object_key(key), content) as writer:
            if isinstance(body, PackedFile):
                _write_packed(source, key, body, writer)
            elif compressed:
                _write_seekable(source, key, body, writer, metadata["object_id"])
            else:
                for chunk in body:
                    writer.write(chunk)
            replaced = _publish(source, key, writer)
    except StorageError:
        _delete_unnamed_index(source, key, content)
        raise
    if replaced is not None:
        _delete_index(source, key, replaced.content)
    return writer.info


def remove(source: Source, key: SymbolKey) -> bool:
    """Delete the object of a key, and its index; False when there was none. Raises StorageError."""
    info = current_object(source, key)
    if info is None:
        return False
    source.bucket.delete(source.object_key(key))
    _delete_index(source, key, info.content)
    return True


def remove_all(source: Source, found: Mapping[SymbolKey, ObjectInfo]) -> None:
    """Delete the objects of many keys, each just after its index. Raises StorageError, and then some are gone.

    Who is killed in between leaves an object that still tells of its index, so it can be done again.
    """
    keys = []
    for key, info in found.items():
        object_id = info.content.metadata.get("object_id")
        if object_id is not None:
            keys.append(source.index_key(key, object_id))
        keys.append(source.object_key(key))
    source.bucket.delete_all(keys)


def _write_seekable(
    source: Source, key: SymbolKey, chunks: Iterable[bytes], writer: ObjectWriter, object_id: str
) -> None:
    seekable = SeekableWriter(writer.write, object_id=object_id)
    for chunk in chunks:
        seekable.feed(chunk)
    index = save_index(seekable.finish())
    source.bucket.put(source.index_key(key, object_id), index, _NO_CONTENT)


def _write_packed(source: Source, key: SymbolKey, packed: PackedFile, writer: ObjectWriter) -> None:
    for chunk in packed.stored:
        writer.write(chunk)
    index = b"".join(packed.index)
    source.bucket.put(source.index_key(key, packed.object_id), index, _NO_CONTENT)


def _publish(source: Source, key: SymbolKey, writer: ObjectWriter) -> ObjectInfo | None:
    """Publish an object over what is there; return what that was.

    Exactly that, where the bucket can compare: each version is then replaced by one writer, who
    deletes its index, whatever other uploads of the key do at the same time.
    """
    for _ in range(_ATTEMPTS):
        replaced = current_object(source, key)
        with suppress(ObjectChangedError):
            writer.publish(None if replaced is None else replaced.etag)
            return replaced
    # A crowd that is always faster: the index of the version that is overlooked here is swept.
    replaced = current_object(source, key)
    writer.publish()
    return replaced


def _delete_unnamed_index(source: Source, key: SymbolKey, content: Content) -> None:
    """Delete the index of an object that was not stored.

    If its writing failed after all that the bucket did, the object is there and names it; and if
    the bucket does not say, it may. An index that nothing names is swept later.
    """
    with suppress(StorageError):
        current = current_object(source, key)
        if current is None or current.content.metadata != content.metadata:
            _delete_index(source, key, content)


def _delete_index(source: Source, key: SymbolKey, content: Content) -> None:
    """Delete the index of an object; one that stays is never used, so errors may pass."""
    object_id = content.metadata.get("object_id")
    if object_id is not None:
        with suppress(StorageError):
            source.bucket.delete(source.index_key(key, object_id))


def _extension(key: SymbolKey) -> str:
    return key.symbol_file.rpartition(".")[2].lower()
