# SPDX-License-Identifier: MPL-2.0

"""Who derives the symbols of a module: one process of the fleet at a time, which says so in the database.

The claim ends by itself when that process is gone. It also tells how far the work has come.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet
from django.utils import timezone

from tecken.core.storage.sources import Source
from tecken.upload.models import FileUpload, ModuleBeingDerived, Upload

_RENEWALS_PER_LEASE = 6  # so a row is written every 5 seconds
_FORGET = timedelta(hours=1)
_MAX_TOLD = 100

logger = logging.getLogger(__name__)


class ClaimLostError(Exception):
    """Another process derives the module now: this one was stopped for too long."""


class Claim:
    """The right to derive a module; whoever has it calls ``keep`` every second or so."""

    def __init__(self, source: Source, debug_id: str) -> None:
        self._module = ModuleBeingDerived.objects.filter(source=source.name, debug_id=debug_id)
        self._owner = uuid4().hex
        self._source = source
        self._debug_id = debug_id
        self._renew_at = 0.0
        self._progress = (0, 0)

    def take(self) -> bool:
        """Say whether nobody else has it."""
        self._plan()
        until = self._until()
        row = ModuleBeingDerived(
            source=self._source.name,
            debug_id=self._debug_id,
            owner=self._owner,
            held_until=until,
        )
        ModuleBeingDerived.objects.bulk_create([row], ignore_conflicts=True)
        if self._own.exists():
            return True
        gone = self._module.filter(held_until__lt=timezone.now())
        return gone.update(owner=self._owner, held_until=until, done=0, total=0) == 1

    def keep(self, done: int = 0, total: int = 0) -> None:
        """Keep it, and note that ``done`` of ``total`` bytes are done, a few times a minute.

        Raises ClaimLostError.
        """
        if total:
            if not self._progress[1]:  # now it is known: whoever looks shall see it
                self._renew_at = 0.0
            self._progress = done, total
        if time.monotonic() < self._renew_at:
            return
        self._plan()
        done, total = self._progress
        try:
            is_kept = self._own.update(held_until=self._until(), done=done, total=total)
        except (DatabaseError, InterfaceError) as error:
            # Nobody else can take it either as long as the database is down.
            logger.warning("cannot renew the claim on %s: %s", self._debug_id, error)
            connection.close()
            return
        if not is_kept:
            raise ClaimLostError

    def give_back(self) -> None:
        """Leave the module to others."""
        self._own.delete()

    @property
    def _own(self) -> "QuerySet[ModuleBeingDerived]":
        return self._module.filter(owner=self._owner)

    def _plan(self) -> None:
        self._renew_at = time.monotonic() + settings.TASK_LEASE_SECONDS / _RENEWALS_PER_LEASE

    @staticmethod
    def _until() -> datetime:
        return timezone.now() + timedelta(seconds=settings.TASK_LEASE_SECONDS)


@contextmanager
def claimed(source: Source, debug_id: str) -> Iterator[Claim | None]:
    """Claim a module while the block runs; None says that somebody else has it."""
    claim = Claim(source, debug_id)
    if not claim.take():
        yield None
        return
    try:
        yield claim
    finally:
        claim.give_back()


@dataclass(frozen=True, slots=True)
class ModuleProgress:
    """A module whose symbols are to be derived: ``done`` of ``total`` bytes of debug information were read.

    Both are 0 where that is not known, or nobody has begun.
    """

    debug_file: str
    debug_id: str
    done: int
    total: int


def modules_being_derived(upload: Upload) -> list[ModuleProgress]:
    """Return the first modules of an upload whose symbols are pending, and how far they have come."""
    pending = FileUpload.objects.filter(
        upload=upload,
        derivation=FileUpload.Derivation.PENDING,
        completed_at__isnull=False,
        deleted_at=None,
    )
    names = dict(pending.order_by("-pk").values_list("debug_id", "debug_file")[:_MAX_TOLD])
    claims = ModuleBeingDerived.objects.filter(
        debug_id__in=names, held_until__gte=timezone.now()
    ).order_by("pk")
    claimed_now = {claim.debug_id: (claim.done, claim.total) for claim in claims}
    return [
        ModuleProgress(debug_file, debug_id, *claimed_now.get(debug_id, (0, 0)))
        for debug_id, debug_file in sorted(names.items(), key=itemgetter(1))
    ]


def forget_claims() -> None:
    """Remove the rows of processes that are gone for long, whose modules nobody has asked for again."""
    long_ago = timezone.now() - _FORGET
    ModuleBeingDerived.objects.filter(held_until__lt=long_ago).delete()
