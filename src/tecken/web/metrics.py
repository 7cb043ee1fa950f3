# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Every metric there is. Only this module, and where metrics are sent from, know markus.

Keys are plain statsd: what others would put into tags is a part of the key, ``{like_this}``.
``docs/operations.md`` has the same list; a test compares the two.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import markus

_markus = markus.get_metrics()


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts things; ``unit`` is what one of them is."""

    key: str
    unit: str
    meaning: str

    def add(self, amount: int = 1, **parts: str) -> None:
        """Count some more; ``parts`` fill the braces of the key."""
        if amount:
            _markus.incr(self.key.format(**parts), amount)


@dataclass(frozen=True, slots=True)
class Timer:
    """Takes durations. Servers of statsd count them as well, so no counter stands beside one."""

    key: str
    meaning: str
    unit: str = "ms"

    def note(self, seconds: float, **parts: str) -> None:
        """Note one duration; ``parts`` fill the braces of the key."""
        _markus.timing(self.key.format(**parts), seconds * 1000)

    @contextmanager
    def timing(self, **parts: str) -> Iterator[None]:
        """Note how long a block takes that ends well."""
        started = perf_counter()
        yield
        self.note(perf_counter() - started, **parts)


RESPONSES = Timer("http.{status}xx", "Answers by the first digit of their status")

UPLOADS = Timer("upload.archives", "Archives that were checked and stored, once they had arrived")
UPLOAD_BYTES = Counter("upload.bytes", "bytes", "Size of these archives")
UPLOAD_STORED = Counter("upload.files.stored", "files", "Files of archives that were stored")
UPLOAD_SKIPPED = Counter("upload.files.skipped", "files", "Files that the bucket had already")
UPLOAD_IGNORED = Counter("upload.files.ignored", "files", "Files that are never stored")
UPLOAD_REFUSED = Counter("upload.refused", "archives", "Archives with which something was wrong")

DOWNLOAD_FOUND = Timer("download.found", "Symbol files that a source had")
DOWNLOAD_MISSING = Timer("download.missing", "Symbol files that no source had")
DOWNLOAD_IGNORED = Counter("download.ignored", "requests", "Names that are never stored")
DOWNLOAD_LOST = Counter(
    "download.lost", "symbols", "Missing symbols that could not be written down, nor kept for later"
)

SYMBOLICATIONS = Timer("symbolication.{version}", "Requests of v4 and v5 that were answered")
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

STORAGE = Timer("storage.requests.{kind}.{source}", "Calls of a bucket, by method and source")
STORAGE_ERRORS = Counter(
    "storage.errors.{kind}.{source}", "calls", "Those that failed; not being there is no failure"
)
REDIS_PAUSES = Counter("redis.pauses", "pauses", "How often a Redis was left alone for a while")
BROKER_PAUSES = Counter("broker.pauses", "pauses", "The same, for the broker of background tasks")

TASKS_DONE = Timer("tasks.done.{task}", "Runs of background tasks that ended well")
TASKS_FAILED = Timer("tasks.failed.{task}", "Runs that failed or were interrupted")

METRICS: tuple[Counter | Timer, ...] = tuple(
    metric for metric in list(globals().values()) if isinstance(metric, Counter | Timer)
)
