# SPDX-License-Identifier: MPL-2.0

"""Where metrics go: to a statsd server, into a file of the data folder, or nowhere."""

import fcntl
import json
import logging
import os
import threading
from collections import Counter
from contextlib import suppress
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import markus
from markus.backends import BackendBase
from markus.main import MetricsRecord

logger = logging.getLogger(__name__)

_WRITE_SECONDS = 1.0


def start_metrics(host: str, port: int, namespace: str, noted_keys: Path | None) -> None:
    """Send metrics to a host, unless that is "", and note their keys in a file, if there is one."""
    backends: list[dict[str, Any]] = []
    if host:
        options = {
            "statsd_host": host,
            "statsd_port": port,
            "statsd_prefix": namespace.strip(".") or None,
        }
        backends.append({"class": "markus.backends.statsd.StatsdMetrics", "options": options})
    if noted_keys is not None:
        backends.append({"class": NotedKeys, "options": {"path": noted_keys}})
    try:
        markus.configure(backends, raise_errors=True)
    except OSError as error:  # the name of the host is looked up once, now
        logger.warning("No metrics are sent, DJANGO_STATSD_HOST %s: %s", host, error)


def noted_counts(path: Path) -> dict[str, int]:
    """Return how often each key was seen, {} when none was."""
    try:
        counts: dict[str, int] = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return counts


class NotedKeys(BackendBase):
    """Counts keys, and adds the counts to the file a moment later, so that no request waits for it."""

    _counts: Counter[str]
    _writing: bool  # whether a thread is about to write
    _finalized: bool

    def __init__(self, options: dict[str, Any], filters: list[Any] | None = None) -> None:
        super().__init__(options, filters)
        self._path: Path = options["path"]
        self._start_afresh()
        # A forked process has counts of its own, and not the thread that is about to write.
        os.register_at_fork(after_in_child=self._start_afresh)

    def emit(self, record: MetricsRecord) -> None:
        """Count a key."""
        with self._lock:
            self._counts[record.key] += 1
            if self._writing:
                return
            self._writing = True
        if not self._finalized:
            # Not atexit, and not before there is something to write: the processes of the server
            # are multiprocessing's, which forget what was registered before they began.
            self._finalized = True
            Finalize(self, self.write, exitpriority=0)
        timer = threading.Timer(_WRITE_SECONDS, self.write)
        timer.daemon = True
        timer.start()

    def write(self) -> None:
        """Add what was counted to the file."""
        with self._lock:
            counts, self._counts, self._writing = self._counts, Counter(), False
        if counts:
            with suppress(OSError):  # nobody's request depends on it
                _add(self._path, counts)

    def _start_afresh(self) -> None:
        self._lock = threading.Lock()
        self._counts = Counter()
        self._writing = False
        self._finalized = False


def _add(path: Path, counts: Counter[str]) -> None:
    """Add counts to those of a file that other processes add to as well."""
    with path.with_suffix(".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        total = Counter(noted_counts(path)) + counts
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(dict(sorted(total.items())), indent=1))
        draft.replace(path)
