# SPDX-License-Identifier: MPL-2.0

"""What the benchmarks share: the machine they run on, timing in turns, and the text of a file."""

import platform
import time
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from isal import isal_zlib

MEGABYTE = 1_000_000
_SAMPLE_BYTES = 32 * MEGABYTE


def read_text(path: Path) -> bytes:
    """Return the text of a symbol file, gzipped or not."""
    stored = path.read_bytes()
    return gunzip(stored) if stored.startswith(b"\x1f\x8b") else stored


def gunzip(stored: bytes) -> bytes:
    """Decompress as fast as ordinary tools can, with ISA-L."""
    return isal_zlib.decompress(stored, 31)


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def take_turns(ways: Sequence[Callable[[], float]], runs: int) -> list[float]:
    """Run every way ``runs`` times, in turns; return the median of what each returned.

    In turns, so that what else the machine does in these minutes meets all of them.
    """
    results: list[list[float]] = [[] for _ in ways]
    for _ in range(runs):
        for way, values in zip(ways, results, strict=True):
            values.append(way())
    return [median(values) for values in results]


def describe_run(text: bytes) -> str:
    """Return the date, the machine, and how fast zlib level 6 is on it with a part of this text."""
    sample = text[len(text) // 3 :][:_SAMPLE_BYTES]
    rate = len(sample) / MEGABYTE / seconds_of(lambda: zlib.compress(sample, 6))
    today = datetime.now(UTC).date().isoformat()
    return f"{today}, {_machine()}, zlib level 6 at {rate:.0f} MB/s"


def _machine() -> str:
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    model = models[0] if models else platform.machine()
    return (
        f"{len(models)} x {model}, Linux {platform.release()}, Python {platform.python_version()}"
    )
