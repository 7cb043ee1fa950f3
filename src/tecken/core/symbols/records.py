# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The text of Breakpad symbol files: what their records look like and how they are read.

A symbol file is lines of text, ended by LF, CRLF or (seen in the field) CRCRLF. A record that
cannot be read is skipped, it never spoils the file. Fields of FUNC, PUBLIC, FILE and INLINE_ORIGIN
are separated by one space, so that a name may begin with a space and contain anything up to the end
of the line; fields of INLINE and line records by any run of spaces and tabs. Addresses and sizes
are hexadecimal and fit 64 bits, all other numbers are decimal and fit 32.

Every expression here expects a line feed *before* the record: blocks of text are cut in front of
line feeds (see ``blocks``), so that an expression starts with a literal and runs at memory speed.

Source: Breakpad docs/symbol_files.md.
"""

import re
from dataclasses import dataclass
from operator import add
from typing import NamedTuple

from tecken.core.errors import MalformedSymbolFileError

MAX_ADDRESS = 2**64 - 1
MAX_NUMBER = 2**32 - 1

# Atomic: a run of zeros could be parted in 16 ways, and three such fields in 4,096.
_HEX = rb"(?>0*[0-9A-Fa-f]{1,16})"
_NUMBER = rb"0|[1-9][0-9]{0,9}"
_END_OF_FIELD = rb"(?=[ \r\n]|\Z)"
_MAX_HEAD_BYTES = 16 * 1024  # MODULE and INFO records stand at the very beginning

# Groups: FUNC address, PUBLIC address, FILE number, INLINE_ORIGIN number, name of an unreadable record.
INDEXED_RECORD = re.compile(
    rb"\n(?:FUNC (?:m )?(" + _HEX + rb") " + _HEX + rb" " + _HEX + _END_OF_FIELD
    + rb"|PUBLIC (?:m )?(" + _HEX + rb") " + _HEX + _END_OF_FIELD
    + rb"|FILE (" + _NUMBER + rb") "
    + rb"|INLINE_ORIGIN (" + _NUMBER + rb") "
    + rb"|(FUNC|PUBLIC|FILE|INLINE_ORIGIN)(?=[ \r\n]|\Z))"
)  # fmt: skip

# Groups: FUNC address, size, name; PUBLIC address, name.
SYMBOL_RECORD = re.compile(
    rb"\n(?:FUNC (?:m )?(" + _HEX + rb") (" + _HEX + rb") " + _HEX + _END_OF_FIELD + rb"([^\n]*)"
    + rb"|PUBLIC (?:m )?(" + _HEX + rb") " + _HEX + _END_OF_FIELD + rb"([^\n]*))"
)  # fmt: skip

# In front of these a block may end: no record of a function is parted from it.
CUT_POINT = re.compile(rb"\n(?=FUNC |PUBLIC |FILE |INLINE_ORIGIN )")

# These end the records that belong to a FUNC, whether they can be read or not.
END_OF_FUNCTION = re.compile(rb"\n(?:FUNC|PUBLIC|STACK)(?=[ \r\n]|\Z)")

_GAP = rb"[ \t]+"
_END_OF_LINE = rb"[ \t\r]*(?=\n|\Z)"
_DIGITS = rb"([0-9]{1,10})"

# Groups: address, size, line, file number.
LINE_RECORD = re.compile(
    rb"\n([0-9A-Fa-f]+)" + _GAP + rb"([0-9A-Fa-f]+)" + (_GAP + _DIGITS) * 2 + _END_OF_LINE
)
# Groups: nest level, call line, call file, origin, all the ranges.
INLINE_RECORD = re.compile(
    rb"\nINLINE" + (_GAP + _DIGITS) * 4
    + rb"((?:" + _GAP + rb"[0-9A-Fa-f]+" + _GAP + rb"[0-9A-Fa-f]+)+)" + _END_OF_LINE
)  # fmt: skip

# What dump_syms writes for a function: INLINE records, then line records, single spaces, numbers
# that need no check of their size. Groups: the INLINE records, the line records.
_USUAL_FUNCTION = re.compile(
    rb"((?:\nINLINE [0-9]{1,9} [0-9]{1,9} [0-9]{1,9} [0-9]{1,9}"
    rb"(?: [0-9A-Fa-f]{1,16} [0-9A-Fa-f]{1,16})++\r*+)*+)"
    rb"((?:\n[0-9A-Fa-f]{1,16} [0-9A-Fa-f]{1,16} [0-9]{1,9} [0-9]{1,9}\r*+)*+)\n?\Z"
)


@dataclass(frozen=True, slots=True)
class ModuleRecord:
    """``MODULE Linux x86_64 1A0DF793E38A8E4F63C223F1500327FB0 libc.so.6``."""

    os: str
    arch: str
    debug_id: str
    debug_file: str


@dataclass(frozen=True, slots=True)
class SymbolFileHead:
    """What the first lines of a symbol file tell; None where they do not."""

    module: ModuleRecord | None
    code_id: str | None
    code_file: str | None
    generator: str | None


class InlineRecord(NamedTuple):
    """``INLINE <nest level> <call line> <call file> <origin> [<address> <size>]+``."""

    level: int
    call_line: int
    call_file: int
    origin: int


class FunctionText(NamedTuple):
    """The records of one FUNC, in the order of the file.

    ``inlines`` has an entry ``(start, end, record)`` for every range that is not empty; of the
    lines, ``(line, file number)`` is still text, since few of them will ever be looked at.
    """

    inlines: list[tuple[int, int, InlineRecord]]
    line_starts: list[int]
    line_ends: list[int]
    lines: list[tuple[bytes, bytes]]


def parse_module_record(line: bytes) -> ModuleRecord:
    """Parse ``MODULE <os> <arch> <debug id> <debug file>``; the debug file may contain spaces.

    Raises MalformedSymbolFileError. Source: Breakpad docs/symbol_files.md, "MODULE records".
    """
    fields = line.rstrip(b"\r\n").split(b" ", 4)
    if len(fields) != 5 or fields[0] != b"MODULE" or not all(fields):
        raise MalformedSymbolFileError(
            "the first line is not MODULE <os> <arch> <debug id> <debug file>"
        )
    return ModuleRecord(*(decode_name(field) for field in fields[1:]))


def parse_head(text: bytes) -> SymbolFileHead:
    """Read MODULE and INFO records from the beginning of a symbol file's text.

    ``INFO CODE_ID <code id> [<code file>]`` and ``INFO GENERATOR <text>`` are looked for in the
    first 16 KiB, until the first record of another kind.
    """
    module: ModuleRecord | None = None
    code_id = code_file = generator = None
    for number, line in enumerate(text[:_MAX_HEAD_BYTES].split(b"\n")):
        line = line.rstrip(b"\r")
        if number == 0 and line.startswith(b"MODULE "):
            try:
                module = parse_module_record(line)
            except MalformedSymbolFileError:
                pass  # a record that cannot be read is skipped
        elif line.startswith(b"INFO CODE_ID "):
            code_id, _, code_file = decode_name(line[13:]).partition(" ")
        elif line.startswith(b"INFO GENERATOR "):
            generator = decode_name(line[15:])
        elif line and not line.startswith(b"INFO"):
            break
    return SymbolFileHead(module, code_id or None, code_file or None, generator or None)


def decode_name(name: bytes) -> str:
    """Decode a name as recorded; bytes that are not UTF-8 become U+FFFD."""
    return name.rstrip(b"\r").decode("utf-8", "replace")


def parse_function(body: bytes) -> FunctionText:
    """Read the INLINE and line records of a function; others are skipped.

    ``body`` begins with the line feed at the end of the FUNC record. Text as ``dump_syms`` writes
    it, which one expression recognises, is split without looking at each record: 6 times as fast.
    """
    usual = _USUAL_FUNCTION.match(body)
    if usual is None:
        return FunctionText(_odd_inlines(body), *_odd_lines(body))
    fields = usual[2].split()
    starts = [int(field, 16) for field in fields[::4]]
    sizes = [int(field, 16) for field in fields[1::4]]
    ends = list(map(add, starts, sizes))
    lines = list(zip(fields[2::4], fields[3::4], strict=True))
    return FunctionText(_usual_inlines(usual[1]), starts, ends, lines)


def _usual_inlines(text: bytes) -> list[tuple[int, int, InlineRecord]]:
    inlines = []
    for record in text.split(b"\nINLINE ")[1:]:
        fields = record.split()
        numbers = [int(field, 16) for field in fields[4:]]
        if any(sizes := numbers[1::2]):
            inline = InlineRecord(*map(int, fields[:4]))
            for start, size in zip(numbers[::2], sizes, strict=True):
                if size:
                    inlines.append((start, start + size, inline))
    return inlines


def _odd_inlines(body: bytes) -> list[tuple[int, int, InlineRecord]]:
    inlines = []
    for record in INLINE_RECORD.finditer(body):
        *fields, ranges = record.groups()
        inline = InlineRecord(*map(int, fields))
        numbers = [int(field, 16) for field in ranges.split()]
        if max(numbers) > MAX_ADDRESS or max(inline) > MAX_NUMBER:
            continue  # a record that cannot be read is skipped
        for start, size in zip(numbers[::2], numbers[1::2], strict=True):
            if size:
                inlines.append((start, start + size, inline))
    return inlines


def _odd_lines(body: bytes) -> tuple[list[int], list[int], list[tuple[bytes, bytes]]]:
    starts, ends, lines = [], [], []
    for record in LINE_RECORD.finditer(body):
        address, size, line, file = record.groups()
        start, length = int(address, 16), int(size, 16)
        if max(start, length) > MAX_ADDRESS or max(int(line), int(file)) > MAX_NUMBER:
            continue  # a record that cannot be read is skipped
        starts.append(start)
        ends.append(start + length)
        lines.append((line, file))
    return starts, ends, lines
