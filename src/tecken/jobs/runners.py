# SPDX-License-Identifier: MPL-2.0

"""Which processes run tasks: each leaves a sign of life in the database, which all have in common.

The times are those of the database, so it does not matter what the clocks of the nodes say.
"""

import logging
import os
import secrets
import socket
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models.functions import Now

from tecken.jobs.models import Runner
from tecken.web.databases import close_connections

logger = logging.getLogger(__name__)

_SIGNS_PER_LEASE = 3
# Rows of runners that were killed are looked at by people, and then deleted by one that starts.
_KEPT = timedelta(days=1)
_MAX_HOST_LENGTH = 255


def sign_seconds() -> float:
    """Return after how many seconds a runner leaves its next sign of life."""
    return float(settings.TASK_LEASE_SECONDS / _SIGNS_PER_LEASE)


class SignOfLife:
    """The row of this process, which must not be forked afterwards with a connection of ours open."""

    def __init__(self, kind: Runner.Kind) -> None:
        self._kind = kind
        self._key = secrets.token_hex(16)
        self._is_over = False

    def leave(self) -> None:
        """Say that this process is alive. Never fails: the next sign comes soon."""
        if self._is_over:
            return  # a timer is late
        try:
            if not Runner.objects.filter(key=self._key).update(seen_at=Now()):
                self._introduce()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("cannot leave a sign of life: %s", error)

    def take_back(self) -> None:
        """Say that this process takes no more tasks."""
        self._is_over = True
        try:
            Runner.objects.filter(key=self._key).delete()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("cannot take back the sign of life: %s", error)

    def _introduce(self) -> None:
        Runner.objects.filter(seen_at__lt=Now() - _KEPT).delete()
        Runner.objects.create(
            key=self._key,
            kind=self._kind,
            host=socket.gethostname()[:_MAX_HOST_LENGTH],
            pid=os.getpid(),
            started_at=Now(),
            seen_at=Now(),
        )


class WorkerSign(SignOfLife):
    """That of a worker's main process, which forks at any time and so keeps no connection."""

    def __init__(self) -> None:
        super().__init__(Runner.Kind.WORKER)

    def leave(self) -> None:
        """Say that this process is alive."""
        super().leave()
        close_connections()

    def take_back(self) -> None:
        """Say that this process takes no more tasks."""
        super().take_back()
        close_connections()


def live_runners() -> list[Runner]:
    """Return those that left a sign within a lease, the newest first.

    One from the future is of a time when the database's clock was wrong, and says nothing.
    """
    lease = timedelta(seconds=settings.TASK_LEASE_SECONDS)
    live = Runner.objects.filter(seen_at__gt=Now() - lease, seen_at__lt=Now() + lease)
    return list(live.order_by("-started_at", "-pk"))


def last_sign_of_a_worker() -> datetime | None:
    """Return when a worker left the last sign, of those that were killed or are alive.

    One that is told to end takes its row with it; of the others rows are kept for a day.
    """
    workers = Runner.objects.filter(kind=Runner.Kind.WORKER).order_by("-seen_at")
    return workers.values_list("seen_at", flat=True).first()
