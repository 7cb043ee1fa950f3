# SPDX-License-Identifier: MPL-2.0

"""How the first answer's time and memory grow with the size of the symbol file.

``python -m benchmarks.growth [--sizes 1 10 …] [--plot OUT.svg]``

Generated files of so many MB are uploaded, each to a server of its own. Then, N times, the server is
started anew with empty tiers and asked for 60 frames in 60 functions. Given are medians: the server's own
time (``Server-Timing``), what its processes have more than before the request, and the text inflated.
Every answer is compared with the slow reader's.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.cold_requests import ColdServer
from benchmarks.generator import generate
from benchmarks.harness import MEGABYTE, describe_run
from benchmarks.known_modules import KnownModule
from benchmarks.plots import Series, log_plot
from benchmarks.server import Server

SIZES = (1, 10, 50, 100, 300, 1000)
FRAMES = 60


@dataclass(frozen=True)
class Point:
    """What was measured of a file of one size; all sizes in MB."""

    size: int
    milliseconds: float
    memory: float
    inflated: float


def measure(size: int, runs: int) -> tuple[Point, str]:
    """Measure a file of one size; also describe the run."""
    chunks: list[bytes] = []
    generate(chunks.append, megabytes=size, seed=1)
    text = b"".join(chunks)
    chunks.clear()
    known = KnownModule.read(text, 2_000)
    with tempfile.TemporaryDirectory() as folder:
        cold = ColdServer(Server(Path(folder)), known)
        cold.store(text)
        draws = known.draws(FRAMES)
        answers = [cold.ask(next(draws)) for _ in range(runs)]
    point = Point(
        size,
        median(answer.total for answer in answers),
        median(answer.above_idle_bytes for answer in answers) / MEGABYTE,
        median(answer.inflated_bytes for answer in answers) / MEGABYTE,
    )
    return point, describe_run(text)


def main(arguments: Sequence[str]) -> None:
    """Measure all sizes, print a table and draw the plot."""
    parser = argparse.ArgumentParser(description="Cold lookup against the size of the file.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="in MB")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args(arguments)
    points = []
    print(f"  {'MB':>6} {'ms':>8} {'MB of memory':>14} {'MB inflated':>12}")
    for size in options.sizes:
        point, described = measure(size, options.runs)
        points.append(point)
        print(f"  {size:6} {point.milliseconds:8.1f} {point.memory:14.1f} {point.inflated:12.2f}")
        sys.stdout.flush()
    print(f"  ({described}; median of {options.runs})")
    if options.plot:
        series = [
            Series("ms of the server's time", [(p.size, p.milliseconds) for p in points]),
            Series("MB of memory above idle", [(p.size, p.memory) for p in points]),
            Series("MB of the file, for comparison", [(p.size, p.size) for p in points]),
        ]
        options.plot.write_text(
            log_plot("First answer of 60 frames", "size of the file, MB", series)
        )


if __name__ == "__main__":
    main(sys.argv[1:])
