# SPDX-License-Identifier: MPL-2.0

"""Write a symbol file of any size that looks like one of an optimised C++ program.

``python -m benchmarks.generator --megabytes 300 --seed 1 OUT.sym``

Everything follows what was measured on ``radosgw`` (177 MB, see ``measure_distribution.py``): the
share of each kind of record, records per FUNC, functions in a cold and a hot part that both carry
the whole list of INLINE records, ranges per INLINE, nesting, lengths of names. The same seed and
size give the same bytes. Memory does not grow with the file, but for 8 bytes per function.

To be fast it makes about a thousand *templates* of functions and writes them again and again, each
time with other addresses, names and origins. Two copies of one template are megabytes apart, so
deflate does not see them. What differs from real files: the very largest functions are smaller, and
a name that is too long is cut, so the angle brackets of names do not always match.
"""

import argparse
import itertools
import random
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.distributions import (
    FUNCTION_NAME,
    ORIGIN_NAME,
    PUBLIC_NAME,
    RADOSGW,
    SHARE_OF_SINGLE,
    SHARE_OF_SPLIT,
    spread_evenly,
)
from benchmarks.function_templates import Template, TemplateMaker
from benchmarks.symbol_names import Names

Write = Callable[[bytes], object]

SPLIT_TEMPLATES = 256
SINGLE_TEMPLATES = 768


def generate(write: Write, *, megabytes: float, seed: int) -> None:
    """Write a symbol file of about ``megabytes`` million bytes through ``write``, in chunks."""
    _File(write, int(megabytes * 1_000_000), random.Random(seed)).write_all()


class _File:
    """One file being written: its random numbers and the next free addresses."""

    def __init__(self, write: Write, size: int, rng: random.Random) -> None:
        self.write = write
        self.size = size
        self.rng = rng
        self.names = Names(rng)
        self.origin_count = 0
        # Cold parts come first in memory, as linkers lay them out; 130 bytes of text or more make
        # one byte of cold code.
        self.cold = 0x1000
        self.hot = self.cold + size // 100 // 16 * 16
        self.public_starts = array("Q")

    def write_all(self) -> None:
        debug_id = f"{self.rng.getrandbits(128):032X}0"
        self.write(f"MODULE Linux x86_64 {debug_id} libgenerated.so\n".encode())
        self.write(f"INFO CODE_ID {debug_id[:32]}{self.rng.getrandbits(32):08X}\n".encode())
        file_count = self._write_files()
        self._write_origins()
        maker = TemplateMaker(self.rng, file_count=file_count, origin_count=self.origin_count)
        points = spread_evenly(self.rng.random())
        split = [maker.split(next(points)) for _ in range(SPLIT_TEMPLATES)]
        self._write_functions(split, SHARE_OF_SPLIT)
        single = [maker.single(next(points)) for _ in range(SINGLE_TEMPLATES)]
        self._write_functions(single, SHARE_OF_SINGLE)
        self._write_publics()
        self._write_stack()

    def _budget(self, share: float, lines: Iterator[str]) -> int:
        """Write lines until they make up their share of the file; return how many there were."""
        left = int(self.size * share)
        count = 0
        for line in lines:
            data = line.encode("ascii")
            self.write(data)
            count += 1
            left -= len(data)
            if left <= 0:
                break
        return count

    def _write_files(self) -> int:
        names = self.names.files()
        lines = (f"FILE {number} {name}\n" for number, name in enumerate(names))
        return self._budget(RADOSGW["bytes FILE"], lines)

    def _write_origins(self) -> None:
        names = self.names.functions(ORIGIN_NAME)
        lines = (f"INLINE_ORIGIN {number} {name}\n" for number, name in enumerate(names))
        self.origin_count = self._budget(RADOSGW["bytes INLINE_ORIGIN"], lines)

    def _write_functions(self, templates: Sequence[Template], share: float) -> None:
        self._budget(share, self._functions(templates))

    def _functions(self, templates: Sequence[Template]) -> Iterator[str]:
        names = self.names.functions(FUNCTION_NAME)
        for template in itertools.cycle(templates):
            hot, cold = self.hot, self.cold
            # Functions begin at multiples of 16, now and then after a gap.
            self.hot = (hot + template.hot_size + self.rng.choice((15, 15, 31))) & ~15
            if template.cold_size:
                self.cold += template.cold_size
                self.public_starts.append(cold)
            yield template.render(
                hot=hot,
                cold=cold,
                shift=self.rng.randrange(self.origin_count),
                origins=self.origin_count,
                name=next(names),
            )

    def _write_publics(self) -> None:
        self._budget(RADOSGW["bytes PUBLIC"], self._publics())

    def _publics(self) -> Iterator[str]:
        """Yield the PUBLIC records: one at each cold part, then some without a FUNC."""
        names = self.names.functions(PUBLIC_NAME)
        for start in self.public_starts:
            yield f"PUBLIC {self._multiple(0.7)}{start:x} 0 {next(names)}\n"
        for start in range(self.hot, sys.maxsize, 0x40):
            yield f"PUBLIC {self._multiple(0.7)}{start:x} 0 {next(names)}\n"

    def _multiple(self, share: float) -> str:
        return "m " if self.rng.random() < share else ""

    def _write_stack(self) -> None:
        self._budget(RADOSGW["bytes STACK"], self._stack())

    def _stack(self) -> Iterator[str]:
        """Yield unwinding rules: per function one INIT and about seven that change it."""
        start = 0x1000
        while True:
            size = 16 + int(self.rng.expovariate(1 / 500))
            yield f"STACK CFI INIT {start:x} {size:x} .cfa: $rsp 8 + .ra: .cfa -8 + ^\n"
            for step in range(self.rng.randrange(13)):
                register = self.rng.choice(("$rbx", "$rbp", "$r12", "$r13", "$r14", "$r15"))
                rule = f"{register}: .cfa -{16 + 8 * step} + ^ " if step % 2 else ""
                yield f"STACK CFI {start + step + 1:x} {rule}.cfa: $rsp {16 + 8 * step} +\n"
            start += (size + 15) & ~15


def main(arguments: Sequence[str]) -> None:
    """Write one file."""
    parser = argparse.ArgumentParser(description="Write a realistic Breakpad symbol file.")
    parser.add_argument("--megabytes", type=float, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("output", type=Path)
    options = parser.parse_args(arguments)
    with options.output.open("wb", buffering=1 << 20) as out:
        generate(out.write, megabytes=options.megabytes, seed=options.seed)


if __name__ == "__main__":
    main(sys.argv[1:])
