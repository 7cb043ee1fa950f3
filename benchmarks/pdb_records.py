# SPDX-License-Identifier: MPL-2.0

"""What the records of a PDB say of an address, as ``llvm-pdbutil`` prints them: its lines, and its inlined calls.

It tells which of two answers that differ the PDB itself supports.
"""

import re
import shutil
import subprocess
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PROGRAMS = ["llvm-pdbutil-19", "llvm-pdbutil", "/usr/lib/llvm-19/bin/llvm-pdbutil"]
_BLOCK = re.compile(r"^  (\d{4}):([0-9A-F]{8})-([0-9A-F]{8}), line/addr entries")
_ENTRY = re.compile(r" +(\d+) ([0-9A-F]{8}) ")
_RECORD = re.compile(r"^ *\d+ \| (S_\w+) ")
_INLINEE = re.compile(r"inlinee = (0x[0-9A-F]+) ")
_FIRST_LINE = re.compile(r"^ *(0x[0-9A-F]+) \| +(\d+) \| ")
_MODULE = re.compile(r"^ *Mod (\d+) \|")
_LINE = re.compile(r" line (-?\d+) \(")
_CODE = re.compile(r"addr = (\d{4}):(\d+), code size = (\d+)")
_CODE_OFFSET = re.compile(r" code 0x([0-9A-F]+) | code end 0x([0-9A-F]+) ")


class _Site:
    """An inlined call: the ranges of its code, from the function's start, with the line of each."""

    def __init__(self) -> None:
        self.first_line = 0
        self.rows: list[tuple[int, int, int]] = []
        self._line = 0  # counted from the first
        self._opened: int | None = None  # where a range has begun whose end is not said yet
        self._opened_line = 0

    def read(self, annotation: str) -> None:
        """Read an annotation, as it is printed."""
        if line := _LINE.search(annotation):
            self._line = int(line[1])
        for start, end in _CODE_OFFSET.findall(f"{annotation} "):
            if self._opened is not None:
                self.rows.append((self._opened, int(start or end, 16), self._opened_line))
            self._opened, self._opened_line = int(start, 16) if start else None, self._line

    def line_at(self, offset: int) -> int | None:
        """Return the line of code, None where it is not of this call."""
        for start, end, line in self.rows:
            if start <= offset < end:
                return self.first_line + line
        return None


@dataclass
class _Function:
    start: int
    size: int
    sites: list[_Site] = field(default_factory=list)


class PdbRecords:
    """The lines and inlined calls of a PDB; ``sections`` are the addresses of the sections of its PE file."""

    def __init__(self, path: Path, sections: Sequence[int]) -> None:
        self._path = path
        self._sections = sections
        self._lines: dict[int, list[int]] = defaultdict(list)  # by the address at which they begin
        self._read_lines()
        self._starts = sorted(self._lines)
        self._functions: list[_Function] = []
        self._read_functions()
        self._functions.sort(key=lambda function: function.start)
        self._function_starts = [function.start for function in self._functions]

    def lines_at(self, address: int) -> list[int]:
        """Return the lines of what begins last up to an address, in the order of the PDB: mostly one."""
        position = bisect_right(self._starts, address) - 1
        return self._lines[self._starts[position]] if position >= 0 else []

    def has_own_lines(self, address: int) -> bool:
        """Say whether the function at an address has lines besides those of inlined calls."""
        function = self._function_at(address)
        if function is None:
            return False
        position = bisect_right(self._starts, function.start - 1)
        return (
            position < len(self._starts) and self._starts[position] < function.start + function.size
        )

    def inlined_line_at(self, address: int) -> int | None:
        """Return the line of the innermost of the inlined calls around an address."""
        function = self._function_at(address)
        if function is None:
            return None
        lines = [site.line_at(address - function.start) for site in function.sites]
        return next((line for line in reversed(lines) if line is not None), None)

    def depth_at(self, address: int) -> int | None:
        """Return how many inlined calls are around an address, None in no function."""
        function = self._function_at(address)
        if function is None:
            return None
        offset = address - function.start
        return sum(site.line_at(offset) is not None for site in function.sites)

    def _function_at(self, address: int) -> _Function | None:
        position = bisect_right(self._function_starts, address) - 1
        if position < 0:
            return None
        function = self._functions[position]
        return function if address < function.start + function.size else None

    def _print(self, what: str) -> list[str]:
        program = next(name for name in _PROGRAMS if shutil.which(name))
        command = [program, "dump", what, str(self._path)]
        done = subprocess.run(command, capture_output=True, check=True)
        return done.stdout.decode("utf-8", "replace").splitlines()

    def _address(self, section: str, offset: int) -> int | None:
        number = int(section)
        return self._sections[number - 1] + offset if 0 < number <= len(self._sections) else None

    def _read_lines(self) -> None:
        section = ""
        for line in self._print("-l"):
            if block := _BLOCK.match(line):
                section = block[1]
            elif section:
                for number, offset in _ENTRY.findall(line):
                    address = self._address(section, int(offset, 16))
                    if address is not None:
                        self._lines[address].append(int(number))

    def _read_first_lines(self) -> dict[tuple[str, str], int]:
        """Return the lines at which inlined functions begin, by module and function."""
        found, module = {}, ""
        for line in self._print("-il"):
            if header := _MODULE.match(line):
                module = header[1]
            elif first := _FIRST_LINE.match(line):
                found[module, first[1]] = int(first[2])
        return found

    def _read_functions(self) -> None:
        first_lines = self._read_first_lines()
        function: _Function | None = None
        kind = module = ""
        for line in self._print("-symbols"):
            if header := _MODULE.match(line):
                module = header[1]
            elif record := _RECORD.match(line):
                kind = record[1]
                if kind == "S_INLINESITE" and function is not None:
                    function.sites.append(_Site())
            elif (code := _CODE.search(line)) and kind.startswith(("S_GPROC32", "S_LPROC32")):
                start = self._address(code[1], int(code[2]))
                function = None if start is None else _Function(start, int(code[3]))
                if function is not None:
                    self._functions.append(function)
            elif kind == "S_INLINESITE" and function is not None:
                if inlinee := _INLINEE.search(line):
                    function.sites[-1].first_line = first_lines.get((module, inlinee[1]), 0)
                else:
                    function.sites[-1].read(line)
