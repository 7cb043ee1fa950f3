# SPDX-License-Identifier: MPL-2.0

"""Gauges that are not counted where something happens, but looked up.

What each process has of its own (symbol tables, pauses of sources) is looked up once a second in that
process, as a scrape reaches only one of them. What is the same for all (the database, the disk) is
looked up for each scrape, in three seconds at most: what fails, or takes longer, is left out, and
``metrics.unread`` says so.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db import connections

from tecken.web import metrics
from tecken.web.checks import AtOnce
from tecken.web.sources import all_sources, is_paused
from tecken.web.upstreams import cache_bytes

_EVERY_SECONDS = 1.0
# Prometheus waits for 10 seconds when nothing else is set.
_SCRAPE_SECONDS = 3.0

logger = logging.getLogger(__name__)


class Sample(NamedTuple):
    """A gauge, the values of its labels in their order, and how much there is."""

    gauge: metrics.Gauge
    labels: tuple[str, ...]
    value: float


Reading = Callable[[], Iterable[Sample]]

_for_scrapes: dict[str, Reading] = {}
_each_second: list[Callable[[], None]] = []
_runner: AtOnce[list[Sample]] = AtOnce(_SCRAPE_SECONDS)


def read_for_scrapes(name: str, reading: Reading) -> None:
    """Call a function for each scrape, in a thread."""
    _for_scrapes[name] = reading


def read_each_second(measure: Callable[[], None]) -> None:
    """Call a function in each worker process once a second; it sets gauges of the process."""
    _each_second.append(measure)


def read() -> Iterator[Sample]:
    """Yield all that can be found out now for a scrape."""
    found = _runner.run({name: partial(_read, name, each) for name, each in _for_scrapes.items()})
    for name, samples in found.items():
        is_missing = not samples.done() or samples.exception() is not None
        yield Sample(metrics.UNREAD, (name,), float(is_missing))
        if not is_missing:
            yield from samples.result()


def measure_process() -> None:
    """Set the gauges of this process."""
    for measure in _each_second:
        measure()


def measure_each_second() -> None:
    """Go on measuring this process, in a thread."""

    def go_on() -> None:
        pause = threading.Event()
        while not pause.wait(_EVERY_SECONDS):
            measure_process()

    threading.Thread(target=go_on, name="gauges", daemon=True).start()


def _read(name: str, reading: Reading) -> list[Sample]:
    try:
        return list(reading())
    except Exception as error:
        logger.warning("Metrics of %s are left out: %s", name, error)
        raise
    finally:
        connections.close_all()  # those of this thread, which ends now


def _disks() -> Iterator[Sample]:
    """Look at the disk of the data folder, and at that of the folder of symbols, often the same."""
    for name, folder in (
        ("data", settings.DATA_DIR),
        ("node", settings.DATA_DIR / "symbolication"),
    ):
        if folder.is_dir():
            disk = shutil.disk_usage(folder)
            yield Sample(metrics.DISK_FREE, (name,), disk.free)
            yield Sample(metrics.DISK_USED, (name,), disk.used)


def _upstreams() -> Iterator[Sample]:
    if any(source.upstream for source in all_sources()):
        yield Sample(metrics.UPSTREAM_CACHE_MAX_BYTES, (), settings.UPSTREAM_CACHE_MAX_BYTES)
        if (taken := cache_bytes()) is not None:
            yield Sample(metrics.UPSTREAM_CACHE_BYTES, (), taken)


def _measure_pauses() -> None:
    for source in all_sources():
        metrics.SOURCES_PAUSED.set(float(is_paused(source)), source=source.name)


read_for_scrapes("disk", _disks)
read_for_scrapes("upstreams", _upstreams)
read_each_second(_measure_pauses)
