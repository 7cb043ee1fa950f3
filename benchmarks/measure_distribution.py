# SPDX-License-Identifier: MPL-2.0

"""Measure how the records of a symbol file are distributed.

``python -m benchmarks.measure_distribution FILE.sym[.gz]`` prints the figures which
``generator.RADOSGW`` records; a test compares them with those of a generated file.
"""

import argparse
import gzip
import io
import itertools
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

_LINE_STARTS = frozenset(bytes([digit]) for digit in b"0123456789abcdef")  # of no keyword
_POINTS = (0.1, 0.5, 0.9, 0.99)
# INLINE records are taken apart in every 7th function only: a big file has millions of
# them. An odd number, since cold and hot parts take turns.
_DETAIL_EVERY = 7


@dataclass
class _Function:
    start: int
    size: int
    line_count: int = 0
    inlines: list[bytes] = field(default_factory=list)
    byte_count: int = 0


@dataclass
class _Tally:
    """What one pass over the lines of a file counts; most are line and INLINE records."""

    bytes_of: Counter[bytes] = field(default_factory=Counter)
    lengths_of: dict[bytes, list[int]] = field(default_factory=dict)
    functions: list[_Function] = field(default_factory=list)
    multiple: int = 0
    line_bytes: int = 0
    inline_bytes: int = 0

    def add(self, line: bytes) -> None:
        if line[:1] in _LINE_STARTS:
            function = self.functions[-1]
            function.line_count += 1
            function.byte_count += len(line)
            self.line_bytes += len(line)
        elif line[:7] == b"INLINE ":
            function = self.functions[-1]
            function.inlines.append(line[7:])
            function.byte_count += len(line)
            self.inline_bytes += len(line)
        else:
            self._add_other(line)

    def _add_other(self, line: bytes) -> None:
        keyword, _space, rest = line.partition(b" ")
        self.bytes_of[keyword] += len(line)
        if keyword == b"FUNC":
            self._add_function(rest)
        elif keyword in (b"FILE", b"INLINE_ORIGIN"):
            self._add_name(keyword, rest.split(b" ", 1)[1])
        elif keyword == b"PUBLIC":
            self._add_name(keyword, rest.removeprefix(b"m ").split(b" ", 2)[2])

    def _add_function(self, rest: bytes) -> None:
        fields = rest.removeprefix(b"m ").split(b" ", 3)
        self.multiple += rest.startswith(b"m ")
        self._add_name(b"FUNC", fields[3])
        self.functions.append(_Function(int(fields[0], 16), int(fields[1], 16)))

    def _add_name(self, keyword: bytes, name: bytes) -> None:
        self.lengths_of.setdefault(keyword, []).append(len(name.rstrip()))


def measure(lines: Iterable[bytes]) -> dict[str, float]:
    """Return the figures of a symbol file, by name, from its lines (with their line ends)."""
    tally = _Tally()
    for line in lines:
        tally.add(line)
    bytes_of = {**tally.bytes_of, b"line": tally.line_bytes, b"INLINE": tally.inline_bytes}
    total = sum(bytes_of.values())
    figures = {f"bytes {key.decode()}": n / total for key, n in bytes_of.items()}
    for keyword, lengths in tally.lengths_of.items():
        figures |= _spread(f"length of {keyword.decode()} names", lengths)
    functions = tally.functions
    figures |= _spread("lines of a FUNC", [f.line_count for f in functions])
    figures |= _spread("INLINEs of a FUNC", [len(f.inlines) for f in functions])
    figures |= _spread("bytes of a FUNC's records", [f.byte_count for f in functions])
    figures |= _spread("size of a FUNC", [f.size for f in functions])
    pairs = list(itertools.pairwise(functions))
    repeated = sum(bool(b.inlines) and a.inlines == b.inlines for a, b in pairs)
    figures["FUNCs that repeat the INLINEs before"] = repeated / len(functions)
    figures["FUNCs out of order"] = sum(b.start < a.start for a, b in pairs) / len(functions)
    figures["FUNCs with m"] = tally.multiple / len(functions)
    figures |= _inline_figures(functions[::_DETAIL_EVERY])
    return figures


def _inline_figures(functions: Sequence[_Function]) -> dict[str, float]:
    levels: list[int] = []
    range_counts: list[int] = []
    sizes: list[int] = []
    outside = only_empty = 0
    for function in functions:
        end = function.start + function.size
        for record in function.inlines:
            level, _line, _file, _origin, *numbers = record.split()
            own_sizes = [int(number, 16) for number in numbers[1::2]]
            levels.append(int(level))
            range_counts.append(len(own_sizes))
            sizes.extend(own_sizes)
            only_empty += not any(own_sizes)
            outside += sum(not function.start <= int(n, 16) < end for n in numbers[0::2])
    return {
        **_spread("level of an INLINE", levels),
        **_spread("ranges of an INLINE", range_counts),
        **_spread("size of a range that is not empty", [size for size in sizes if size]),
        "empty ranges": sizes.count(0) / len(sizes),
        "INLINEs with empty ranges only": only_empty / len(levels),
        "ranges outside their FUNC": outside / len(sizes),
    }


def _spread(name: str, values: Sequence[int]) -> dict[str, float]:
    ordered = sorted(values)
    spread = {f"{name}, mean": sum(ordered) / len(ordered)}
    for point in _POINTS:
        spread[f"{name}, p{point * 100:g}"] = ordered[int(len(ordered) * point)]
    return spread


def deflate_ratio(chunks: Iterable[bytes]) -> float:
    """Return how many times smaller zlib level 6 makes the text."""
    compressor = zlib.compressobj(6)
    read = written = 0
    for chunk in chunks:
        read += len(chunk)
        written += len(compressor.compress(chunk))
    return read / (written + len(compressor.flush()))


def open_text(path: Path) -> BinaryIO:
    """Open a symbol file, gzipped or not, for reading its text."""
    if path.suffix == ".gz":
        return cast(BinaryIO, io.BufferedReader(gzip.open(path)))  # which finds lines quicker
    return path.open("rb")


def main(arguments: Sequence[str]) -> None:
    """Print the figures of one file."""
    parser = argparse.ArgumentParser(description="Measure the records of a symbol file.")
    parser.add_argument("file", type=Path)
    path = parser.parse_args(arguments).file
    with open_text(path) as text:
        figures = measure(text)
    with open_text(path) as text:
        figures["deflate ratio"] = deflate_ratio(iter(lambda: text.read(1 << 20), b""))
    for name, value in figures.items():
        print(f'    "{name}": {value:.4g},')


if __name__ == "__main__":
    main(sys.argv[1:])
