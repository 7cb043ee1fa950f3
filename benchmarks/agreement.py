# SPDX-License-Identifier: MPL-2.0

"""Compare very many answers with those of ``symbolic`` and of the slow reader.

``python -m benchmarks.agreement [--addresses N] [--seconds S] FILE.sym[.gz] ...``

Batch after batch: some hundred functions taken at random, and in each of them, at its ends and a
little beyond, addresses at random. All are looked up by the product and by ``symbolic``, one of
twenty by the slow reader too. Differences from ``symbolic`` are counted by kind; the module
``tests.reference.symbolic_frames`` tells the reasons of each. Any other difference is an error.
"""

import argparse
import random
import sys
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from symbolic.debuginfo import Archive
from symbolic.symcache import SymCache
from tests.reference.as_symbols import symbol_of
from tests.reference.symbolic_frames import compare_one

from benchmarks.harness import MEGABYTE, describe_run, read_text
from benchmarks.known_modules import KnownModule
from tecken.core.symbols.symbol_file import SymbolFile

FUNCTIONS_AT_ONCE = 500
ADDRESSES_OF_EACH = 200
SLOW_SHARE = 20
BEYOND_BYTES = 16


class Comparison:
    """One file, read in three ways, and what was found so far."""

    def __init__(self, path: Path, functions: int, seed: int) -> None:
        text = read_text(path)
        self.text = text
        self.known = KnownModule.read(text, functions, seed)
        self._symcache = SymCache.from_object(next(Archive.from_bytes(text).iter_objects()))  # type: ignore[no-untyped-call]
        self._file = SymbolFile.open(path)
        self._rng = random.Random(seed)
        self.compared = 0
        self.compared_slowly = 0
        self.differences: Counter[str] = Counter()

    def run_batch(self) -> None:
        """Compare some addresses. Raises AssertionError where there is no reason to differ."""
        addresses = self._draw()
        answers = self._file.lookup_many(addresses)
        for address, answer in zip(addresses, answers, strict=True):
            self.differences[compare_one(self._symcache, address, answer)] += 1
        self.compared += len(addresses)
        for address, answer in zip(addresses[::SLOW_SHARE], answers[::SLOW_SHARE], strict=True):
            assert answer == symbol_of(self.known.reference.lookup(address)), hex(address)
            self.compared_slowly += 1
        self._file.table.forget()

    def _draw(self) -> list[int]:
        """Draw addresses that belong to functions of which everything is known."""
        known = self.known.functions
        starts = self.known.reference.starts
        owners = {function.address for function in known}
        addresses: set[int] = set()
        for function in self._rng.sample(known, min(FUNCTIONS_AT_ONCE, len(known))):
            first, end = function.address, function.address + function.size
            addresses |= {first, end - 1, end}
            addresses |= {
                self._rng.randrange(first, end + BEYOND_BYTES) for _ in range(ADDRESSES_OF_EACH)
            }
        drawn = [a for a in addresses if starts[bisect_right(starts, a) - 1] in owners]
        self._rng.shuffle(drawn)
        return drawn


def main(arguments: Sequence[str]) -> None:
    """Compare the files named, one after the other."""
    parser = argparse.ArgumentParser(description="Agreement with symbolic and the slow reader.")
    parser.add_argument("--addresses", type=int, default=1_000_000, help="at most, of each file")
    parser.add_argument("--seconds", type=float, default=60, help="at most, for each file")
    parser.add_argument("--functions", type=int, default=10_000, help="known of each file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    for path in options.files:
        comparison = Comparison(path, options.functions, options.seed)
        deadline = time.monotonic() + options.seconds
        while comparison.compared < options.addresses and time.monotonic() < deadline:
            comparison.run_batch()
        print(
            f"{path.name}, {len(comparison.text) / MEGABYTE:.0f} MB of text, seed {options.seed}\n"
            f"  ({describe_run(comparison.text)})\n"
            f"  {comparison.compared:,} addresses, {comparison.compared_slowly:,} by the slow reader",
            flush=True,
        )
        for kind, count in comparison.differences.most_common():
            print(f"  {kind:30} {count:12,}")


if __name__ == "__main__":
    main(sys.argv[1:])
