# SPDX-License-Identifier: MPL-2.0

"""Every metric there is. Only this module, and where metrics are sent from, know markus.

One list serves two kinds of readers. statsd is told of each thing as it happens, under the metric's
key, in which what others would put into tags is a part, ``{like_this}``. Prometheus asks ``/metrics``
from time to time, and reads the same numbers under the name that follows from the key: without the
braces, which are labels, and with a unit behind it. ``docs/monitoring.md`` has the list with both; a
test compares the two.

What has no datagram (``to_statsd``) is for Prometheus alone: gauges, of which several processes would
overwrite each other's, and what is counted too often.
"""

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from string import Formatter
from time import perf_counter
from typing import ClassVar

import markus

from tecken.web.metric_values import TALLIES, Key

_markus = markus.get_metrics()

# Upper bounds in seconds: from a request that is answered from memory to a large upload.
BUCKETS = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
)


@dataclass(frozen=True, slots=True)
class _Metric:
    """What counters, timers and gauges have in common."""

    suffix: ClassVar[str]

    key: str
    unit: str
    meaning: str
    more_labels: tuple[str, ...] = ()  # that statsd is not told of
    to_statsd: bool = True
    labels: tuple[str, ...] = field(init=False)
    _bare: Key = field(init=False)

    def __post_init__(self) -> None:
        braces = (name for _, name, _, _ in Formatter().parse(self.key) if name)
        object.__setattr__(self, "labels", (*braces, *self.more_labels))
        object.__setattr__(self, "_bare", (self.key,))

    @property
    def name(self) -> str:
        """What Prometheus calls it, ``tecken_upload_bytes_total`` for ``upload.bytes``."""
        words = [word for word in self.key.split(".") if "{" not in word]
        return f"tecken_{'_'.join(words)}{self.suffix}"

    def _tally_key(self, parts: dict[str, str]) -> Key:
        if not self.labels:
            return self._bare
        return (self.key, *[parts[label] for label in self.labels])


@dataclass(frozen=True, slots=True)
class Counter(_Metric):
    """Counts things; ``unit`` is what one of them is."""

    suffix = "_total"

    def add(self, amount: int = 1, **parts: str) -> None:
        """Count some more; ``parts`` fill the braces of the key."""
        if not amount:
            return
        TALLIES.add(self._tally_key(parts), amount)
        if self.to_statsd:
            _markus.incr(self.key.format(**parts), amount)


@dataclass(frozen=True, slots=True)
class Timer(_Metric):
    """Takes durations. Both readers count them as well, so no counter stands beside one."""

    suffix = "_seconds"

    def note(self, seconds: float, **parts: str) -> None:
        """Note one duration; ``parts`` fill the braces of the key."""
        bucket = bisect_left(BUCKETS, seconds)
        TALLIES.observe(self._tally_key(parts), bucket, len(BUCKETS) + 1, seconds)
        _markus.timing(self.key.format(**parts), seconds * 1000)

    @contextmanager
    def timing(self, **parts: str) -> Iterator[None]:
        """Note how long a block takes that ends well."""
        started = perf_counter()
        yield
        self.note(perf_counter() - started, **parts)


@dataclass(frozen=True, slots=True)
class Gauge(_Metric):
    """How much there is of something now.

    What a process has is added and set here, and added up over all; what is the same for all of them
    is found out for each scrape (``tecken.web.gauges``).
    """

    suffix = ""

    def add(self, amount: float, **parts: str) -> None:
        """Note that this process has so much more."""
        TALLIES.add(self._tally_key(parts), amount, is_gauge=True)

    def set(self, value: float, **parts: str) -> None:
        """Note how much this process has."""
        TALLIES.set(self._tally_key(parts), value)


def _timer(key: str, meaning: str, *more_labels: str) -> Timer:
    return Timer(key, "ms", meaning, more_labels)


def _gauge(key: str, unit: str, meaning: str) -> Gauge:
    return Gauge(key, unit, meaning, to_statsd=False)


RESPONSES = _timer(
    "http.{status}",
    "Answers by the first digit of their status, `2xx`; for Prometheus also by the kind of request and"
    " by the whole status",
    *("kind", "code"),
)
REFUSALS = Counter("http.refused", "requests", "What was no request, and was answered all the same")
RECEIVED_BYTES = Counter(
    "http.received_bytes", "bytes", "What clients have sent, heads included", to_statsd=False
)
SENT_BYTES = Counter(
    "http.sent_bytes", "bytes", "What was sent to clients, heads included", to_statsd=False
)
CONNECTIONS = _gauge("http.connections", "connections", "Open connections of clients")
WORKERS = _gauge("server.workers", "processes", "Worker processes that run")

UPLOADS = _timer("upload.archives", "Archives that were checked and stored, once they had arrived")
UPLOAD_BYTES = Counter("upload.bytes", "bytes", "Size of these archives")
UPLOAD_STORED = Counter("upload.files.stored", "files", "Files of archives that were stored")
UPLOAD_SKIPPED = Counter("upload.files.skipped", "files", "Files that the bucket had already")
UPLOAD_IGNORED = Counter("upload.files.ignored", "files", "Files that are never stored")
UPLOAD_REFUSED = Counter("upload.refused", "archives", "Archives with which something was wrong")
UPLOADS_RUNNING = _gauge("upload.running", "uploads", "Uploads that arrive, are checked or stored")

DOWNLOAD_FOUND = _timer("download.found", "Symbol files that a source had")
DOWNLOAD_MISSING = _timer("download.missing", "Symbol files that no source had")
DOWNLOAD_IGNORED = Counter("download.ignored", "requests", "Names that are never stored")
DOWNLOAD_LOST = Counter(
    "download.lost", "symbols", "Missing symbols that could not be written down, nor kept for later"
)

SYMBOLICATIONS = _timer(
    "symbolication.{version}", "Requests of v4, v5, crash texts and minidumps that were answered"
)
FRAMES = Counter("symbolication.frames", "frames", "Frames in these requests")
MODULES_FOUND = Counter("symbolication.modules.found", "modules", "Modules that had symbols")
MODULES_MISSING = Counter("symbolication.modules.missing", "modules", "Modules that had none")
COLD = Counter("symbolication.cold", "requests", "Requests for which storage had to be read")
WARM = Counter("symbolication.warm", "requests", "Requests for which it had not")
READ_BYTES = Counter("symbolication.read_bytes", "bytes", "What was read of storage, as stored")
TIERS = Counter(
    "tiers.{tier}.{outcome}",
    "modules",
    "`hit` or `miss` in `memory`, `node` and `shared`; `damaged` in `node`, of entries and of single blocks",
)

MEMORY_TABLES = _gauge(
    "symbolication.memory.tables", "tables", "Symbol tables in memory, of all processes"
)
MEMORY_BYTES = _gauge(
    "symbolication.memory.bytes", "bytes", "About what the symbol tables in memory take"
)
NODE_BYTES = _gauge("symbolication.node.bytes", "bytes", "What the node's folder of symbols has")
NODE_MAX_BYTES = _gauge(
    "symbolication.node.max_bytes", "bytes", "What the folder of symbols may have"
)

STORAGE = _timer("storage.requests.{kind}.{source}", "Calls of a bucket, by method and source")
STORAGE_ERRORS = Counter(
    "storage.errors.{kind}.{source}", "calls", "Those that failed; not being there is no failure"
)
SOURCES_PAUSED = _gauge(
    "sources.paused.{source}", "processes", "Processes that leave a source alone for a while"
)
UPSTREAMS = _timer(
    "upstreams.{outcome}.{source}",
    "Files that another symbol server was asked for: `found`, `missing`, `pending` (symbols are to be derived), "
    "`refused` (not what was asked for) or `failed`",
)
UPSTREAM_BYTES = Counter(
    "upstreams.stored_bytes.{source}",
    "bytes",
    "What was stored of another symbol server, as stored",
)
UPSTREAM_CACHE_BYTES = _gauge(
    "upstreams.cache.bytes",
    "bytes",
    "What other servers' files took when somebody last looked, each day at least",
)
UPSTREAM_CACHE_MAX_BYTES = _gauge("upstreams.cache.max_bytes", "bytes", "What they may take")
REDIS_PAUSES = Counter("redis.pauses", "pauses", "How often a Redis was left alone for a while")
BROKER_PAUSES = Counter("broker.pauses", "pauses", "The same, for the broker of background tasks")

TASKS_DONE = _timer("tasks.done.{task}", "Runs of background tasks that ended well")
TASKS_FAILED = _timer("tasks.failed.{task}", "Runs that failed or were interrupted")
TASKS = _gauge(
    "tasks.{state}",
    "tasks",
    "Background tasks that are `waiting`, `running`, or `failed` for good; 10,001 stands for more",
)
TASKS_OVERDUE = _gauge(
    "tasks.overdue_seconds", "seconds", "For how long a task has been due that nobody has begun"
)

DISK_FREE = _gauge("disk.{folder}.free_bytes", "bytes", "Room on the disk of a folder")
DISK_USED = _gauge(
    "disk.{folder}.used_bytes", "bytes", "What is used of the disk of a folder, by whomever"
)
BUILD = _gauge("build.{version}", "1", "The version that runs, as a label")
UNREAD = _gauge(
    "metrics.unread.{reading}", "1", "1 where the metrics of a reading are left out of this answer"
)

Metric = Counter | Timer | Gauge
METRICS: tuple[Metric, ...] = tuple(
    metric for metric in list(globals().values()) if isinstance(metric, Metric)
)
