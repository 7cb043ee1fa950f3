# SPDX-License-Identifier: MPL-2.0

"""The records of functions: FUNC, INLINE and lines, as Breakpad's symbol files have them.

A function of several ranges gets a FUNC for each, with those INLINE records alone that belong there.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from tecken.core.native.dwarf.budget import Budget
from tecken.core.native.dwarf.functions import Call, Function
from tecken.core.native.dwarf.line_program import LineTable
from tecken.core.native.dwarf.names import FunctionName
from tecken.core.native.dwarf.readers import EntryRef, Ranges
from tecken.core.native.numbers import readable
from tecken.core.symbols.records import MAX_NEST_LEVELS

_LINE = 0xFFFF_FFFF


class FunctionText(NamedTuple):
    """The records of a range of a function, which begins at ``address``, counted from the module's start.

    ``is_own_name`` when it has no linkage name, and so its name no parameters.
    """

    address: int
    size: int
    text: bytes
    is_own_name: bool


class _Tails(dict[int, str]):
    """The end of a line record by its location: line and file number."""

    def __init__(self, file_number: Callable[[int], int]) -> None:
        self._file_number = file_number

    def __missing__(self, location: int) -> str:
        tail = self[location] = f" {location & _LINE} {self._file_number(location >> 32)}\n"
        return tail


@dataclass(slots=True)
class FunctionWriter:
    """Writes the functions of a unit; ``base`` is the address at which the module begins.

    ``file_number`` takes the number of a file in the unit, ``origin_number`` what a call refers to.
    """

    _lines: LineTable
    _base: int
    _file_number: Callable[[int], int]
    _origin_number: Callable[[EntryRef], int]
    _budget: Budget
    _tails: _Tails = field(init=False)

    def __post_init__(self) -> None:
        self._tails = _Tails(self._file_number)

    def texts(self, function: Function, known: FunctionName) -> list[FunctionText]:
        """Return the records of each range of a function."""
        name, is_own = readable(known), not known.is_linkage_name
        calls = function.calls
        if calls:
            self._contain(calls)
        parts = sorted(function.ranges)
        if len(parts) == 1:
            inlines = [self._inline(call, call.ranges) for call in calls]
            return [self._text(*parts[0], name, inlines, is_own)]
        spread = self._spread(calls, parts)
        return [
            self._text(*part, name, inlines, is_own)
            for part, inlines in zip(parts, spread, strict=True)
        ]

    def _text(
        self, start: int, end: int, name: bytes, inlines: list[str], is_own_name: bool
    ) -> FunctionText:
        rows = self._lines.between(start, end)
        self._budget.take(1 + len(rows))
        base, tails = self._base, self._tails
        head = b"FUNC %x %x 0 %b\n" % (start - base, end - start, name)
        inlines += [
            f"{first - base:x} {after - first:x}{tails[location]}"
            for first, after, location in rows
        ]
        return FunctionText(
            start - base, end - start, head + "".join(inlines).encode(), is_own_name
        )

    def _inline(self, call: Call, ranges: Ranges) -> str:
        if not ranges or call.level >= MAX_NEST_LEVELS:
            return ""
        base = self._base
        covered = "".join([f" {first - base:x} {after - first:x}" for first, after in ranges])
        file = self._file_number(call.file)
        origin = self._origin_number(call.origin)
        return f"INLINE {call.level} {call.line} {file} {origin}{covered}\n"

    def _spread(self, calls: list[Call], parts: Ranges) -> list[list[str]]:
        """Return the INLINE records of each part of a function."""
        starts = [start for start, _ in parts]
        spread: list[list[str]] = [[] for _ in parts]
        for call in calls:
            by_part: dict[int, Ranges] = {}
            for first, after in call.ranges:
                position = max(bisect_right(starts, first) - 1, 0)
                while position < len(parts) and starts[position] < after:
                    start, end = parts[position]
                    if first < end:
                        span = max(first, start), min(after, end)
                        by_part.setdefault(position, []).append(span)
                    position += 1
                    self._budget.take(1)
            for position, ranges in by_part.items():
                spread[position].append(self._inline(call, ranges))
        return spread

    def _contain(self, calls: list[Call]) -> None:
        """Make each call cover what was inlined into it, and drop ranges without code.

        Compilers do not always see to it; readers look for the outer call first.
        """
        for call in reversed(calls):
            call.ranges = [span for span in call.ranges if span[0] < span[1]]
            if call.parent < 0 or not call.ranges:
                continue
            parent = calls[call.parent]
            if not _covers(parent.ranges, call.ranges, self._budget):
                self._budget.take(len(parent.ranges) + len(call.ranges))
                parent.ranges = _joined(parent.ranges + call.ranges)


def _covers(outer: Ranges, inner: Ranges, budget: Budget) -> bool:
    if len(outer) == 1:
        start, end = outer[0]
        return all(start <= first and after <= end for first, after in inner)
    budget.take(len(outer) * len(inner))
    return all(
        any(start <= first and after <= end for start, end in outer) for first, after in inner
    )


def _joined(ranges: Ranges) -> Ranges:
    """Return ranges in order, those that touch as one."""
    joined: Ranges = []
    for start, end in sorted(ranges):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
