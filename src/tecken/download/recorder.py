# SPDX-License-Identifier: MPL-2.0

"""Writing misses and counts down in groups: one thread in each process of the server.

A miss goes to a journal in the data folder first, so it outlives the process, and its answer waits
until a commit has brought it into the database. In a storm of different misses, and while the
database fails, nobody waits. docs/adr/0006-missing-symbols.md has the reasons.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from django.conf import settings
from django.core.cache import cache as default_cache
from django.db import close_old_connections, connections

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.identifiers import SymbolKey
from tecken.core.journal import Journal, journal_bytes, leftover_journals
from tecken.download.journals import append_all, line_of, store_journal
from tecken.download.known import KnownMisses
from tecken.download.misses import CodeModule, Downloads, Miss
from tecken.web.metrics import DOWNLOAD_LOST

logger = logging.getLogger(__name__)

GATHER_SECONDS = (
    0.5  # how long a group of a storm takes up misses, and how often counts are written
)
STORM_MISSES = 16  # in so much time make a storm, which lasts at least STORM_SECONDS
STORM_SECONDS = 1.0
MAX_WAIT_SECONDS = 1.0  # for which an answer waits for the database
MAX_JOURNAL_BYTES = 16 * 1024**2
MAX_FOLDER_BYTES = 256 * 1024**2  # of all journals of a node: more than a million misses
_STOP_SECONDS = 10.0


class _Group:
    """Misses that are committed together. In a ``patient`` one no answer waits for that."""

    def __init__(self, journal: Journal, *, patient: bool) -> None:
        self.journal = journal
        self.patient = patient
        self.tokens: list[bytes] = []  # to be shared; not those of a storm, which have no end
        self.begun = time.monotonic()
        self.over = threading.Event()  # it is stored, or left for later


class _Storm:
    """Whether so many different misses come that their answers should not wait for commits."""

    def __init__(self) -> None:
        self._since = self._until = 0.0
        self._misses = 0

    def note_miss(self) -> None:
        now = time.monotonic()
        if now > self._since + GATHER_SECONDS:
            self._since, self._misses = now, 0
        self._misses += 1
        if self._misses >= STORM_MISSES:
            self._until = now + STORM_SECONDS

    def rages(self) -> bool:
        return time.monotonic() < self._until


class Recorder:
    """Takes misses and counts from the threads of requests; stores them once it was started."""

    def __init__(self, folder: Path, known: KnownMisses) -> None:
        self._folder = folder
        self._known = known
        self._changed = threading.Condition()  # guards the group and the counts
        self._group: _Group | None = None
        self._counts: Counter[tuple[date, bool]] = Counter()
        self._full: date | None = None  # the last day of which no more misses are written down
        self._storm = _Storm()
        self._breaker = CircuitBreaker()
        self._has_failed = False
        self._losing = False  # misses, as no journal can be written
        self._leftovers = True  # perhaps, of processes that were killed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="misses", daemon=True)

    def start(self) -> None:
        """Start the thread; it ends with the process, when all is stored."""
        self._thread.start()
        # As in the queue of background tasks: the server's processes do not come to atexit.
        Finalize(None, self.stop, exitpriority=0)

    def stop(self) -> None:
        """Store what is left. What the database does not take now stays in journals."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)
        with self._changed:
            if self._counts:
                append_all(self._current().journal, self._take_counts())

    def count(self, day: date, *, found: bool) -> None:
        """Count a download; nothing is written now."""
        with self._changed:
            self._counts[day, found] += 1

    def note(self, miss: Miss) -> None:
        """Write a miss down, unless that was done on this day, or the day takes no more."""
        if self._is_full(miss.day):
            return
        token = miss.token
        if not miss.fits or self._known.has(token):
            return
        try:
            group = self._append(line_of(miss), token)
        except OSError as error:
            DOWNLOAD_LOST.add()
            if not self._losing:
                logger.error("missing symbols cannot be written down: %s", error)
            self._losing = True
            return
        self._losing = False
        self._known.add(token)
        if self._has_failed or group.patient or not self._thread.is_alive():
            return
        if not group.over.wait(MAX_WAIT_SECONDS):
            group.patient = True

    def _is_full(self, day: date) -> bool:
        """Say whether a day takes no more misses; one before such a day is over, and as good as full."""
        return self._full is not None and day <= self._full

    def _note_full(self, days: Iterable[date]) -> None:
        """Write no more misses of some days down."""
        for day in sorted(days):
            if not self._is_full(day):
                self._full = day
                logger.warning(
                    "%s has as many missing symbols as DJANGO_MISSING_SYMBOLS_MAX_PER_DAY allows (%d):"
                    " from now on they are only counted",
                    day,
                    settings.MISSING_SYMBOLS_MAX_PER_DAY,
                )

    def _append(self, line: bytes, token: bytes) -> _Group:
        with self._changed:
            group = self._current()
            group.journal.append(line)
            self._storm.note_miss()
            if not group.patient:
                group.tokens.append(token)
            self._changed.notify_all()
            return group

    def _current(self) -> _Group:
        """Return the group that takes up misses now. Raises OSError."""
        if self._group is not None and self._group.journal.bytes > MAX_JOURNAL_BYTES:
            self._leave(self._group)
            self._group = None
        if self._group is None:
            if self._has_failed and journal_bytes(self._folder) > MAX_FOLDER_BYTES:
                raise OSError(f"{self._folder} has {MAX_FOLDER_BYTES} bytes that wait")
            patient = self._storm.rages() or self._has_failed
            self._group = _Group(Journal.create(self._folder), patient=patient)
        return self._group

    def _leave(self, group: _Group) -> None:
        """Keep a group's journal for later."""
        group.journal.leave()
        group.over.set()
        self._leftovers = True

    def _work(self) -> None:
        """Store groups, one after the other, until the process ends."""
        while not self._stopping.is_set():
            with self._changed:
                self._changed.wait_for(self._is_busy, GATHER_SECONDS)
                group = self._group
            if group is not None and group.patient:
                self._stopping.wait(max(0.1, group.begun + GATHER_SECONDS - time.monotonic()))
            self._write()
        self._write()

    def _is_busy(self) -> bool:
        return self._group is not None or self._stopping.is_set()

    def _write(self) -> None:
        """Store what there is, unless the database failed a moment ago."""
        if not (self._group or self._counts or self._leftovers) or not self._breaker.may_ask():
            return
        try:
            close_old_connections()
            self._write_group()
            self._write_leftovers()
            self._breaker.worked()
            self._has_failed = False
        except Exception as error:  # noqa: BLE001 - this is the edge of a thread, which must go on
            self._has_failed = True
            pause = self._breaker.failed() or 0
            logger.warning("missing symbols wait for %g s in journals: %s", pause, error)
            connections.close_all()
        finally:
            close_old_connections()

    def _write_group(self) -> None:
        """Store the current group with the counts, or leave its journal."""
        with self._changed:
            if not self._group and not self._counts:
                return
            group = self._current()
            append_all(group.journal, self._take_counts())
            self._group = None
        try:
            self._note_full(store_journal(group.journal))
        except BaseException:
            self._leave(group)
            raise
        group.over.set()
        self._known.share(group.tokens)

    def _take_counts(self) -> Iterator[Downloads]:
        """Yield the counts of each day; they are gone once the next one is asked for."""
        for day in sorted({day for day, _ in self._counts}):
            yield Downloads(day, self._counts[day, True], self._counts[day, False])
            del self._counts[day, True], self._counts[day, False]

    def _write_leftovers(self) -> None:
        """Store what processes of this node left that were killed, or failed."""
        if not self._leftovers or self._stopping.is_set():
            return
        self._leftovers = False
        for journal in leftover_journals(self._folder):
            try:
                self._note_full(store_journal(journal))
            except BaseException:
                journal.leave()
                self._leftovers = True
                raise


@cache
def recorder() -> Recorder:
    """Return the recorder of this process."""
    return Recorder(settings.DATA_DIR / "misses", KnownMisses(default_cache))


def note_found() -> None:
    """Note a download that was found."""
    recorder().count(datetime.now(UTC).date(), found=True)


def count_missing() -> None:
    """Count a download that was not found and names no symbol key."""
    recorder().count(datetime.now(UTC).date(), found=False)


def note_missing(key: SymbolKey, module: CodeModule) -> None:
    """Note a download that was not found."""
    now = datetime.now(UTC)
    recorder().count(now.date(), found=False)
    if settings.ENABLE_STORE_MISSING_SYMBOLS:
        recorder().note(Miss.of(key, module, now))
