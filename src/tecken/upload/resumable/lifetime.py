# SPDX-License-Identifier: MPL-2.0

"""How long an upload can go on, and who is storing it just now."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, connections
from django.db.models import Q, QuerySet
from django.utils import timezone

from tecken.core.errors import ConflictError
from tecken.upload.models import ResumableUpload

LIFETIME = timedelta(hours=24)  # after its last part, or since all of it is stored
_LEASE_SECONDS = 30  # after which somebody else may store what a killed process was storing
_RENEWALS_PER_LEASE = 3

logger = logging.getLogger(__name__)


def next_expiry() -> datetime:
    """Return until when an upload is kept that has got on now."""
    return timezone.now() + LIFETIME


def unfinished() -> "QuerySet[ResumableUpload]":
    """Return the uploads that can go on: neither stored, nor refused, nor expired."""
    return ResumableUpload.objects.filter(
        answer__isnull=True, error="", expires_at__gt=timezone.now()
    )


def at_rest(uploads: "QuerySet[ResumableUpload]") -> "QuerySet[ResumableUpload]":
    """Return those of some uploads that nobody is storing just now."""
    return uploads.filter(Q(finishing_until=None) | Q(finishing_until__lt=timezone.now()))


def is_being_finished(upload: ResumableUpload) -> bool:
    """Say whether some process stores an upload, or was killed while it did so a moment ago."""
    return upload.finishing_until is not None and upload.finishing_until > timezone.now()


@contextmanager
def finishing(upload: ResumableUpload) -> Iterator[None]:
    """Be the only one who stores an upload. Raises ConflictError when somebody else does.

    The row says so for some seconds at a time, so that it does not for long after this process is
    killed.
    """
    mine = unfinished().filter(pk=upload.pk, offset=upload.offset)
    if not at_rest(mine).update(**_held()):
        raise ConflictError("Another request stores this upload now, or has gone on with it")
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(upload.pk, over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        ResumableUpload.objects.filter(pk=upload.pk).update(finishing_until=None)


def _keep(upload_id: str, over: threading.Event) -> None:
    try:
        while not over.wait(_LEASE_SECONDS / _RENEWALS_PER_LEASE):
            try:
                ResumableUpload.objects.filter(pk=upload_id).update(**_held())
            except (DatabaseError, InterfaceError) as error:
                logger.warning("cannot say that %s is still being stored: %s", upload_id, error)
                connections.close_all()
    finally:
        connections.close_all()


def _held() -> dict[str, datetime]:
    until = timezone.now() + timedelta(seconds=_LEASE_SECONDS)
    return {"finishing_until": until, "expires_at": next_expiry()}
