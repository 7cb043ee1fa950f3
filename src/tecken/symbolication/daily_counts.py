# SPDX-License-Identifier: MPL-2.0

"""Counting the requests of each day: in memory, and every second in the database.

Symbolication never waits for the database, and does not need it. While it fails the counts
wait in memory; those of a process that is killed are lost, for a second or so.
"""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from multiprocessing.util import Finalize

from django.db import close_old_connections, connections, transaction
from django.db.models import F

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.symbolication.models import SymbolicationDay

logger = logging.getLogger(__name__)

_WRITE_SECONDS = 1.0
_STOP_SECONDS = 10.0

# A day, and a version of the interface.
_Key = tuple[date, str]


@dataclass(frozen=True, slots=True)
class SymbolicationsOfDay:
    """The requests of a day (UTC), by the version of the interface."""

    date: date
    counts: Mapping[str, int]

    def of(self, version: str) -> int:
        """Return how many there were of ``"v5"``."""
        return self.counts.get(version, 0)

    @property
    def total(self) -> int:
        """How many there were of all versions."""
        return sum(self.counts.values())


class RequestCounter:
    """Counts requests in the threads that answer them; stores the counts once it was started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[_Key] = Counter()
        self._breaker = CircuitBreaker()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="symbolications", daemon=True)

    def add(self, version: str) -> None:
        """Count a request; nothing is written now."""
        day = datetime.now(UTC).date()
        with self._lock:
            self._counts[day, version] += 1

    def start(self) -> None:
        """Start the thread; it ends with the process, when all is stored."""
        self._thread.start()
        Finalize(None, self.stop, exitpriority=0)

    def stop(self) -> None:
        """Store what is left."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)

    def write(self) -> None:
        """Store what was counted, unless the database failed a moment ago."""
        with self._lock:
            counts = self._counts
            if not counts or not self._breaker.may_ask():
                return
            self._counts = Counter()
        try:
            add_requests(counts)
        except Exception as error:  # noqa: BLE001 - this is the edge of a thread, which must go on
            pause = self._breaker.failed() or 0
            logger.warning("counts of symbolications wait for %g s: %s", pause, error)
            connections.close_all()
            with self._lock:
                self._counts.update(counts)
        else:
            self._breaker.worked()

    def _work(self) -> None:
        while not self._stopping.wait(_WRITE_SECONDS):
            self._write_alone()
        self._write_alone()

    def _write_alone(self) -> None:
        close_old_connections()
        self.write()
        close_old_connections()


@cache
def request_counter() -> RequestCounter:
    """Return the counter of this process."""
    return RequestCounter()


def symbolications_by_day(days: int = 30) -> list[SymbolicationsOfDay]:
    """Return the counts of the last days, today included, the oldest first."""
    today = datetime.now(UTC).date()
    dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
    found: dict[date, dict[str, int]] = {day: {} for day in dates}
    for row in SymbolicationDay.objects.filter(date__in=dates):
        found[row.date][row.version] = row.count
    return [SymbolicationsOfDay(day, counts) for day, counts in found.items()]


def add_requests(counts: Mapping[_Key, int]) -> None:
    """Add to the rows, all or nothing; always in the same order, as other processes do so too."""
    with transaction.atomic():
        for (day, version), count in sorted(counts.items()):
            row = SymbolicationDay.objects.filter(date=day, version=version)
            if not row.update(count=F("count") + count):
                new = SymbolicationDay(date=day, version=version)
                SymbolicationDay.objects.bulk_create([new], ignore_conflicts=True)
                row.update(count=F("count") + count)


def take_off_requests(counts: Mapping[_Key, int]) -> None:
    """Take off what was added before; a day of which nothing is left goes."""
    with transaction.atomic():
        for (day, version), count in sorted(counts.items()):
            row = SymbolicationDay.objects.filter(date=day, version=version)
            row.filter(count__gte=count).update(count=F("count") - count)
            row.filter(count=0).delete()
