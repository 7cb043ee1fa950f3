# SPDX-License-Identifier: MPL-2.0

"""The steps of an upload that can be interrupted: it begins, goes on, and is stored or ended.

What has arrived is kept in the bucket and in the database, so any node goes on. The end of the
archive is not kept: the request that brings it stores the whole archive, by the code that stores
every other one. If that is interrupted, its client sends the end again, and so begins the storing
anew; until then nothing says that the upload is complete.
"""

import secrets

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from tecken.accounts.models import User
from tecken.core.errors import ConflictError, GoneError, LimitExceededError, RefusedError
from tecken.upload.buckets import Destination
from tecken.upload.models import ResumableUpload
from tecken.upload.resumable.lifetime import (
    at_rest,
    finishing,
    is_being_finished,
    next_expiry,
    unfinished,
)
from tecken.upload.resumable.parts import chunks_of, keys_of, read_parts, remove_parts
from tecken.upload.resumable.protocol import Announced
from tecken.upload.schemas import upload_answer
from tecken.upload.services import measured_upload
from tecken.upload.spool import SpooledArchive, new_spool
from tecken.web.errors import status_of


def begin(user: User, announced: Announced, destination: Destination) -> ResumableUpload:
    """Begin an upload.

    Raises LimitExceededError for an archive that is too large, and for a user who has too many
    uploads that are not complete; NoRoomError.
    """
    new_spool().check_archive(announced.size)
    destination.source.bucket.check_room(announced.size)
    most = settings.UPLOAD_MAX_UNFINISHED
    if unfinished().filter(user=user).count() >= most:
        raise LimitExceededError(
            f"There are {most} unfinished uploads of this user, as many as are allowed: "
            "go on with them, delete them, or wait for a day"
        )
    return ResumableUpload.objects.create(
        id=secrets.token_hex(16),
        user=user,
        filename=announced.filename,
        size=announced.size,
        metadata=announced.metadata,
        source=destination.source.name,
        bucket_name=announced.bucket_name,
        try_symbols=destination.try_symbols,
        expires_at=next_expiry(),
    )


def judge(
    upload: ResumableUpload, destination: Destination, offset: int, declared: int | None
) -> None:
    """Refuse to go on at ``offset`` with ``declared`` bytes (None when that is not known).

    Raises ConflictError, LimitExceededError, NoRoomError.
    """
    if offset != upload.offset:
        raise ConflictError(
            f"Upload-Offset is {offset}, and {upload.offset} bytes are there of this upload"
        )
    if is_being_finished(upload):
        raise ConflictError("Another request stores this upload now")
    if offset + (declared or 0) >= upload.size:
        new_spool().check_archive(upload.size)
    else:
        destination.source.bucket.check_room(declared or 0)


def finish(upload: ResumableUpload, destination: Destination, end: SpooledArchive) -> None:
    """Store an archive of which only the end was missing.

    Raises ConflictError when somebody else does so, GoneError when parts were lost, and what
    ``store_upload`` raises. After a refusal the upload is over.
    """
    source, keys = destination.source, keys_of(upload)
    with finishing(upload):
        try:
            with new_spool() as spool:
                spool.is_used()
                spool.new_file("", upload.filename)
                for chunk in read_parts(upload, source):
                    spool.write(chunk)
                end.file.seek(0)
                for chunk in chunks_of(end.file):
                    spool.write(chunk)
                spool.complete()
                stored = measured_upload(upload.user, spool.archive(), destination)
        except RefusedError as error:
            _row(upload).update(error=str(error), error_status=status_of(error))
            remove_parts(upload.pk, source, keys)
            raise
        _row(upload).update(
            answer=upload_answer(stored), offset=upload.size, expires_at=next_expiry()
        )
    remove_parts(upload.pk, source, keys)
    upload.refresh_from_db()


def end(upload: ResumableUpload, destination: Destination) -> None:
    """Drop an upload and its parts. Raises ConflictError while somebody stores it."""
    keys = keys_of(upload)
    if not at_rest(_row(upload)).delete()[0]:
        raise ConflictError("Another request stores this upload now")
    remove_parts(upload.pk, destination.source, keys)


def refuse_expired(upload: ResumableUpload) -> None:
    """Raise GoneError for an upload whose time is over."""
    if upload.expires_at < timezone.now():
        raise GoneError("This upload has expired: begin it again")


def _row(upload: ResumableUpload) -> "QuerySet[ResumableUpload]":
    return ResumableUpload.objects.filter(pk=upload.pk)
