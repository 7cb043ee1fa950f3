# SPDX-License-Identifier: MPL-2.0

"""The symbols of some units of a file, in files: what one process hands to another.

A share has the texts of functions in any order, where each is, lines outside of functions, and the records
of names.
"""

import shutil
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import IO, NamedTuple, Self

import msgspec

from tecken.core.errors import UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.dwarf.budget import Budget
from tecken.core.native.function_text import FunctionText
from tecken.core.tempfiles.checked_file import open_checked
from tecken.core.tempfiles.spooling import FreeSpace

_POSITION = struct.Struct("=6Q")
_ROW = struct.Struct("=4Q")


class FunctionPosition(NamedTuple):
    """A function of a share: its address and size, where its text is, 1 if its name has no parameters, and its unit.

    The unit is told by where it begins.
    """

    address: int
    size: int
    offset: int
    length: int
    is_own_name: int
    unit: int


class LooseRow(NamedTuple):
    """A line of code that is in no function; addresses count from the module's start."""

    start: int
    end: int
    line: int
    file: int


class Facts(msgspec.Struct, frozen=True):
    """What a share tells besides: see ``ShareWriter``."""

    has_lines: bool
    lacks: list[str]


_FACTS = msgspec.json.Decoder(Facts)


class ShareWriter:
    """Writes a share to a folder, which must be there and be empty.

    Raises UnsupportedNativeFileError when more than ``max_bytes`` would be written: a small file may name
    one long string very often. ``lacks`` names what is referred to and was not given: ``"split"``. ``has_lines`` says whether there are any.
    """

    def __init__(
        self, folder: Path, max_bytes: int = 2**62, free_space: FreeSpace | None = None
    ) -> None:
        self._folder = folder
        self._left_bytes = max_bytes
        self._stack = ExitStack()
        self._texts, self._files, self._origins = (
            self._stack.enter_context(open_checked(folder / name, free_space))
            for name in ("functions", "files", "origins")
        )
        self._functions = array("Q")
        self._rows = array("Q")
        self._offset = 0
        self.lacks: set[str] = set()
        self.has_lines = False

    def write_file(self, record: bytes) -> None:
        """Write a FILE record."""
        self._take(len(record))
        self._files.write(record)

    def write_origin(self, record: bytes) -> None:
        """Write an INLINE_ORIGIN record."""
        self._take(len(record))
        self._origins.write(record)

    def add_function(self, function: FunctionText, unit: int) -> None:
        """Write the records of a function, of the unit that begins there."""
        length = len(function.text)
        self._take(length)
        self._texts.write(function.text)
        self._functions.extend(
            (function.address, function.size, self._offset, length, function.is_own_name, unit)
        )
        self._offset += length

    def _take(self, size: int) -> None:
        self._left_bytes -= size
        if self._left_bytes < 0:
            raise UnsupportedNativeFileError(
                "its symbols would be much larger than the file itself"
            )

    def add_row(self, row: LooseRow) -> None:
        """Note a line outside of functions."""
        self._rows.extend(row)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        with self._stack:
            for name, numbers in (("positions", self._functions), ("rows", self._rows)):
                (self._folder / name).write_bytes(numbers.tobytes())
            facts = Facts(self.has_lines, sorted(self.lacks))
            (self._folder / "facts").write_bytes(msgspec.json.encode(facts))


class Share:
    """A share that was written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts = _content_of(folder / "functions")
        self.facts = _FACTS.decode((folder / "facts").read_bytes())

    def functions(self) -> Iterator[FunctionPosition]:
        """Yield where its functions are."""
        positions = (self._folder / "positions").read_bytes()
        return map(FunctionPosition._make, _POSITION.iter_unpack(positions))

    def rows(self) -> Iterator[LooseRow]:
        """Yield its lines outside of functions."""
        return map(LooseRow._make, _ROW.iter_unpack((self._folder / "rows").read_bytes()))

    def text_at(self, offset: int, length: int) -> bytes:
        """Return the records of a function."""
        return self._texts.cut(offset, offset + length)

    def copy_names(self, output: IO[bytes]) -> None:
        """Write its FILE and INLINE_ORIGIN records to a file."""
        for name in ("files", "origins"):
            with (self._folder / name).open("rb") as file:
                shutil.copyfileobj(file, output, 1024 * 1024)


def _content_of(path: Path) -> Content:
    return Content.of_file(path) if path.stat().st_size else Content.empty(path.name)


class LooseRows:
    """The lines outside of functions of all shares, by address. Without split units all lines are of this kind, so they stay in arrays."""

    def __init__(self, shares: Sequence[Share]) -> None:
        unordered = [array("Q") for _ in LooseRow._fields]
        for share in shares:
            for row in share.rows():
                for column, value in zip(unordered, row, strict=True):
                    column.append(value)
        order = sorted(range(len(unordered[0])), key=unordered[0].__getitem__)
        self._columns = [array("Q", (column[at] for at in order)) for column in unordered]
        self._budget = Budget(len(order))

    def between(self, start: int, end: int) -> list[LooseRow]:
        """Return the rows that a range touches, cut at its ends. Raises UnsupportedNativeFileError."""
        starts = self._columns[0]
        first = max(bisect_right(starts, start) - 1, 0)
        after = bisect_left(starts, end, first)
        self._budget.take(after - first)  # symbols may overlap as often as they like
        rows = [LooseRow(*(column[at] for column in self._columns)) for at in range(first, after)]
        cut = [row._replace(start=max(row.start, start), end=min(row.end, end)) for row in rows]
        return [row for row in cut if row.start < row.end]


def without_gap(rows: list[LooseRow]) -> list[LooseRow]:
    """Return those of some rows, at least one, that follow each other."""
    for number, (row, following) in enumerate(pairwise(rows), 1):
        if row.end < following.start:
            return rows[:number]
    return rows
