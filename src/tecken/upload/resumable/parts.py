# SPDX-License-Identifier: MPL-2.0

"""The parts of an upload: objects below a prefix of its bucket that no symbol key has.

An object is there before its row is, and that is written in the transaction that moves the offset.
Whoever was slower than another finds the offset moved, and drops its own object. What killed
processes left is swept.
"""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from tecken.core.errors import (
    ConflictError,
    GoneError,
    LimitExceededError,
    ObjectNotFoundError,
    StorageError,
)
from tecken.core.storage.base import Content
from tecken.core.storage.sources import Source
from tecken.upload.models import ResumablePart, ResumableUpload
from tecken.upload.resumable.lifetime import at_rest, next_expiry, unfinished
from tecken.upload.spool import Spool, SpooledArchive, spool_folder

MAX_PARTS = 10_000
_PUT_BYTES = 16 * 1024 * 1024  # up to so many go in one request, and are in memory meanwhile
_CHUNK_BYTES = 256 * 1024


class ChunkSink:
    """A sink for the body of a request that brings some bytes of an archive."""

    def __init__(self, name: str, max_bytes: int, request_id: str) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._spool = Spool(spool_folder(), max_bytes, settings.UPLOAD_MIN_FREE_BYTES, request_id)
        self._spool.new_file("", name)

    def write(self, data: bytes) -> None:
        """Take a chunk. Raises LimitExceededError, NoRoomError."""
        self._size += len(data)
        if self._size > self._max_bytes:
            raise too_many_bytes(self._max_bytes)
        self._spool.write(data)

    def finish(self) -> None:
        """Note the end."""
        self._spool.complete()

    def discard(self) -> None:
        """Remove the bytes."""
        self._spool.close()

    close = discard

    def part(self) -> SpooledArchive:
        """Return what has arrived."""
        return self._spool.archive()


def too_many_bytes(left: int) -> LimitExceededError:
    """What is said of bytes beyond the announced length, of which ``left`` have not come yet."""
    return LimitExceededError(f"Upload-Length leaves only {left} bytes to be sent")


def append_part(upload: ResumableUpload, source: Source, part: SpooledArchive) -> None:
    """Keep some bytes that follow those that are kept; ``upload`` is moved on.

    Raises ConflictError when another request was faster, LimitExceededError for too many parts,
    StorageError.
    """
    if upload.parts.count() >= MAX_PARTS:
        raise LimitExceededError(f"There are {MAX_PARTS:,} parts already: send larger ones")
    key = source.part_key(upload.pk, f"{upload.offset}-{secrets.token_hex(8)}")
    _store(source, key, part)
    if not _move_on(upload, key, part.size):
        source.bucket.delete(key)
        raise ConflictError("Another request has sent these bytes meanwhile")
    upload.refresh_from_db()


def read_parts(upload: ResumableUpload, source: Source) -> Iterator[bytes]:
    """Yield the bytes that are kept. Raises GoneError when some are not there any more."""
    end = 0
    for part in upload.parts.order_by("start"):
        if part.start != end:
            break
        try:
            with source.bucket.open(part.key) as reader:
                while data := reader.read(_CHUNK_BYTES):
                    end += len(data)
                    yield data
        except ObjectNotFoundError:
            break
    if end != upload.offset:
        raise GoneError("The bucket has lost some of the parts: begin the upload again")


def remove_parts(upload_id: str, source: Source, keys: "list[str]") -> None:
    """Delete parts that are not needed any more; those that cannot be deleted now are swept later."""
    with suppress(StorageError):
        for key in keys:
            source.bucket.delete(key)
        ResumablePart.objects.filter(upload=upload_id).delete()


def keys_of(upload: ResumableUpload) -> list[str]:
    """Return the keys of the parts that are kept."""
    return list(upload.parts.values_list("key", flat=True))


def _store(source: Source, key: str, part: SpooledArchive) -> None:
    file = part.file
    file.seek(0)
    if part.size <= _PUT_BYTES:
        source.bucket.put(key, file.read(), Content())
        return
    with source.bucket.create(key, Content()) as writer:
        for chunk in chunks_of(file):
            writer.write(chunk)


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a file from where it is."""
    return iter(partial(file.read, _CHUNK_BYTES), b"")


def _move_on(upload: ResumableUpload, key: str, size: int) -> bool:
    """Count bytes as kept, unless others came first."""
    mine = unfinished().filter(pk=upload.pk, offset=upload.offset)
    with transaction.atomic():
        moved = at_rest(mine).update(offset=upload.offset + size, expires_at=next_expiry())
        if moved:
            ResumablePart.objects.create(upload=upload, start=upload.offset, size=size, key=key)
    return bool(moved)
