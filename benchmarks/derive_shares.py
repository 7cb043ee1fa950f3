# SPDX-License-Identifier: MPL-2.0

"""How much sooner several processes derive the symbols of one large module, and that they derive the same.

``python -m benchmarks.derive_shares [--executable FILE] [--processes N] [--rounds N] DEBUG_FILE``

One process and several take turns, as worker processes of the product run them: sections are inflated once, then each
process reads its share of the units, then one joins what they wrote. Two ratios are printed: of the time on the
clock, which others on the machine disturb, and of processor time along the longest way (inflating, the longest share,
joining), which is what the clock would show on a machine with a core for each.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from benchmarks import derive_shares  # by this name a worker process knows it
from benchmarks.harness import MEGABYTE
from tecken.core.native.derive import derive, derive_share, inflate_sections, join_shares
from tecken.core.native.model import NativeFiles
from tecken.core.process_pool.worker_process import TaskLimits, WorkerProcess
from tecken.core.symbols.symbol_file import SymbolFile

_ADDRESSES = 20_000
_MODULE_BYTES = 1 << 25
_MEMORY_BYTES = 400 * MEGABYTE  # of all together


@dataclass
class Run:
    """How long it took by the clock, and in processor time along the longest way, in seconds."""

    seconds: float
    longest: float


def timed(call: Callable[[], object]) -> float:
    """Run a call in a worker process; return its processor time."""
    before = time.process_time()
    call()
    return time.process_time() - before


def in_processes(calls: Sequence[Callable[[], object]]) -> float:
    """Run each call in a process of its own; return the longest processor time."""
    limits = TaskLimits(max_memory_bytes=_MEMORY_BYTES // len(calls))

    def run(call: Callable[[], object]) -> float:
        process = WorkerProcess(os.nice(0), in_spare_time=False)
        try:
            return process.run(derive_shares.timed, (call,), limits)
        finally:
            process.end()

    with ThreadPoolExecutor(len(calls)) as threads:
        return max(threads.map(run, calls))


def with_one(files: NativeFiles, output: Path) -> Run:
    """Derive all in one process."""
    began = time.monotonic()
    longest = in_processes([partial(derive, files, output)])
    return Run(time.monotonic() - began, longest)


def with_several(files: NativeFiles, output: Path, processes: int) -> Run:
    """Derive it in shares."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=output.parent) as folder:
        inflated = Path(folder, "inflated")
        shares = [Path(folder, f"share-{number}") for number in range(processes)]
        for path in (inflated, *shares):
            path.mkdir()
        files = replace(files, inflated=inflated)
        steps = (
            [partial(inflate_sections, files)],
            [partial(derive_share, files, share, n, processes) for n, share in enumerate(shares)],
            [partial(join_shares, files, shares, output)],
        )
        each = [in_processes(step) for step in steps]
        seconds = time.monotonic() - began
    print(
        f"  inflating {each[0]:.1f} s, a share {each[1]:.1f} s, joining {each[2]:.1f} s (processor)"
    )
    return Run(seconds, sum(each))


def main() -> None:
    """Measure, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("debug", type=Path)
    parser.add_argument("--executable", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])  # of the worker processes
    files = NativeFiles("module", executable=given.executable, debug=given.debug)
    ones, others = [], []
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder, "one.sym"), Path(folder, "several.sym")
        for _ in range(given.rounds):
            ones.append(with_one(files, one))
            print(f"1 process: {ones[-1].seconds:.1f} s, {ones[-1].longest:.1f} s of a processor")
            others.append(with_several(files, other, given.processes))
            print(f"{given.processes} processes: {others[-1].seconds:.1f} s")
        compare(one, other)
    for name, ratio in (("by the clock", "seconds"), ("by processor time", "longest")):
        before, after = (median(getattr(run, ratio) for run in runs) for runs in (ones, others))
        print(f"{given.processes} processes are {before / after:.2f} x as fast {name}")


def compare(one: Path, other: Path) -> None:
    """Look addresses up in both texts, and in all functions."""
    with SymbolFile.open(one) as first, SymbolFile.open(other) as second:
        starts = [int(line.split()[1], 16) for line in _functions(one)]
        assert starts == [int(line.split()[1], 16) for line in _functions(other)]
        some = Random(1)
        addresses = {some.randrange(_MODULE_BYTES) for _ in range(_ADDRESSES)} | set(
            some.sample(starts, min(_ADDRESSES, len(starts)))
        )
        ordered = sorted(addresses)
        assert first.lookup_many(ordered) == second.lookup_many(ordered)
    sizes = [path.stat().st_size / MEGABYTE for path in (one, other)]
    print(f"{len(ordered):,} addresses and all {len(starts):,} functions are the same;", end=" ")
    print(f"the texts have {sizes[0]:.0f} and {sizes[1]:.0f} MB")


def _functions(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return [line for line in file if line.startswith(b"FUNC ")]


if __name__ == "__main__":
    main()
