# SPDX-License-Identifier: MPL-2.0

"""The text of Breakpad symbol files: what their records look like and how they are read.

A symbol file is lines of text, ended by LF, CRLF or (seen in the field) CRCRLF. A record that
cannot be read is skipped, it never spoils the file. Fields of FUNC, PUBLIC, FILE and INLINE_ORIGIN
are separated by one space, so that a name may begin with a space and contain anything up to the end
of the line; fields of INLINE and line records by any run of spaces and tabs. Addresses and sizes
are hexadecimal, with or without ``0x`` before them, and fit 64 bits, all other numbers are decimal and fit 32.

Every expression here expects a line feed *before* the record: blocks of text are cut in front of
line feeds (see ``blocks``), so that an expression starts with a literal and runs at memory speed.

Source: Breakpad docs/symbol_files.md.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import add
from typing import NamedTuple

from msgspec import Struct

from tecken.core.errors import InvalidNameError, MalformedSymbolFileError
from tecken.core.identifiers import MAX_PART_BYTES, is_hex_id, validate_file_name
from tecken.core.symbols.lookup_limits import Meter

MAX_ADDRESS = 2**64 - 1
MAX_NUMBER = 2**32 - 1
# INLINE records at this nest level or deeper are not read: the deepest call of an optimised C++ program
# of 177 MB of text is at level 79, and each address there may carry that many calls into an answer.
MAX_NEST_LEVELS = 256
# So many line records and ranges of INLINE records of a function are read: twice what the longest text
# that is read of a function (4 MiB) holds as compilers write them.
MAX_RANGES = 262_144
_RECORDS_BETWEEN_CHECKS = 4_096

# Atomic: a run of zeros could be parted in 16 ways, and three such fields in 4,096.
_HEX = rb"(?>(?:0[xX])?0*[0-9A-Fa-f]{1,16})"
_NUMBER = rb"0|[1-9][0-9]{0,9}"
_END_OF_FIELD = rb"(?=[ \r\n]|\Z)"
_MAX_HEAD_BYTES = 16 * 1024  # MODULE and INFO records stand at the very beginning

# Groups: FUNC address, PUBLIC address, FILE number, INLINE_ORIGIN number; none of them in a record that
# cannot be read. Each kind begins with its name, so that other lines, which are nearly all, are left
# at their first byte: an alternative of its own for what cannot be read made it slower by a half.
INDEXED_RECORD = re.compile(
    rb"\n(?:FUNC(?: (?:m )?(" + _HEX + rb") " + _HEX + rb" " + _HEX + _END_OF_FIELD + rb"|" + _END_OF_FIELD
    + rb")|PUBLIC(?: (?:m )?(" + _HEX + rb") " + _HEX + _END_OF_FIELD + rb"|" + _END_OF_FIELD
    + rb")|FILE(?: (" + _NUMBER + rb") |" + _END_OF_FIELD
    + rb")|INLINE_ORIGIN(?: (" + _NUMBER + rb") |" + _END_OF_FIELD + rb"))"
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

# How a stack is unwound, which is left to others.
STACK_RECORD = re.compile(rb"\n(STACK [^\r\n]+)")

_GAP = rb"[ \t]+"
_END_OF_LINE = rb"[ \t\r]*(?=\n|\Z)"
_DIGITS = rb"([0-9]{1,10})"

_ANY_HEX = rb"(?:0[xX])?[0-9A-Fa-f]++"

# Groups: address, size, line, file number.
LINE_RECORD = re.compile(
    rb"\n(" + _ANY_HEX + rb")" + _GAP + rb"(" + _ANY_HEX + rb")" + (_GAP + _DIGITS) * 2 + _END_OF_LINE
)  # fmt: skip
# Groups: nest level, call line, call file, origin, all the ranges.
INLINE_RECORD = re.compile(
    rb"\nINLINE" + (_GAP + _DIGITS) * 4
    # Possessive: to be able to give a range back, each costs as much memory as 60 bytes of text.
    + rb"((?:" + _GAP + _ANY_HEX + _GAP + _ANY_HEX + rb")++)" + _END_OF_LINE
)  # fmt: skip

_RANGE = re.compile(rb"(" + _ANY_HEX + rb")" + _GAP + rb"(" + _ANY_HEX + rb")")

# What dump_syms writes for a function: INLINE records, then line records, single spaces, numbers
# that need no check of their size. Groups: the INLINE records, the line records.
_USUAL_FUNCTION = re.compile(
    rb"((?:\nINLINE (?:0|[1-9][0-9]{0,8}) [0-9]{1,9} [0-9]{1,9} [0-9]{1,9}"
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

    def code_names(self) -> tuple[str, str]:
        """Return code file and code id, ``("xul.dll", "5CE1F02B9D2000")``, as they can be asked for.

        What the file does not tell, and what can never be part of a key, is empty.
        """
        code_file, code_id = self.code_file or "", self.code_id or ""
        try:
            validate_file_name(code_file)
        except InvalidNameError:
            code_file = ""
        if not is_hex_id(code_id) or len(code_id) > MAX_PART_BYTES:
            code_id = ""
        return code_file, code_id.upper()


class InlineRecord(Struct, frozen=True, gc=False):
    """``INLINE <nest level> <call line> <call file> <origin> [<address> <size>]+``.

    A process keeps a hundred thousand of them; as tuples they made each full garbage collection
    take longer than all lookups between two of them.
    """

    level: int
    call_line: int
    call_file: int
    origin: int


InlineRange = tuple[int, int, InlineRecord]  # start, end, and whose range it is


class UsualText(NamedTuple):
    """The text of a function as ``dump_syms`` writes it, in its two parts."""

    inlines: bytes
    lines: bytes


class Lines(NamedTuple):
    """Line records as columns, in the order of the file.

    ``(line, file number)`` is still text, since few of them will ever be looked at.
    """

    starts: list[int]
    ends: list[int]
    locations: list[tuple[bytes, bytes]]


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


def split_usual(body: bytes) -> UsualText | None:
    """Part a function's text into INLINE and line records; None when it is not the usual form.

    ``body`` begins with the line feed at the end of the FUNC record. The usual form, which one
    expression recognises, is then read without looking at each record: several times as fast.
    """
    usual = _USUAL_FUNCTION.match(body)
    return UsualText(usual[1], usual[2]) if usual else None


def parse_usual_lines(text: bytes) -> Lines:
    """Read the line records of a function in the usual form."""
    fields = text.split()
    starts = [int(field, 16) for field in fields[::4]]
    sizes = [int(field, 16) for field in fields[1::4]]
    locations = list(zip(fields[2::4], fields[3::4], strict=True))
    return Lines(starts, list(map(add, starts, sizes)), locations)


def parse_usual_inlines(text: bytes, start: int, end: int) -> list[InlineRange]:
    """Read those ranges of INLINE records in the usual form that touch ``start`` to ``end``.

    The compiler repeats all INLINE records under every part of a function, and many ranges are
    empty; what cannot matter is dropped before it costs anything.
    """
    inlines = []
    for record in text.split(b"\nINLINE ")[1:]:
        fields = record.split()
        inline = None
        for position in range(5, len(fields), 2):
            if fields[position] == b"0":
                continue
            first = int(fields[position - 1], 16)
            after = first + int(fields[position], 16)
            if first < end and after > start and first < after:
                if inline is None:
                    inline = InlineRecord(*map(int, fields[:4]))
                    if inline.level >= MAX_NEST_LEVELS:
                        break
                inlines.append((first, after, inline))
    return inlines


def find_usual_inline(text: bytes, level: int, address: int) -> InlineRecord | None:
    """Return the call at one nest level that covers an address, reading only that level's records.

    Of several ranges the one that starts last wins, then the first in the file.
    """
    best_start, best = -1, None
    for records in text.split(b"\nINLINE %d " % level)[1:]:
        fields = records.partition(b"\n")[0].split()
        for position in range(3, len(fields), 2):
            start = int(fields[position], 16)
            if best_start < start <= address < start + int(fields[position + 1], 16):
                best_start, best = start, fields
    return InlineRecord(level, *map(int, best[:3])) if best else None


def parse_inlines(body: bytes, start: int, end: int, meter: Meter) -> list[InlineRange]:
    """Read those ranges of INLINE records that touch ``start`` to ``end``, whatever their form.

    Of a text of any size, record by record. Raises LimitExceededError when the meter does.
    """
    inlines: list[InlineRange] = []
    for record in _checked(INLINE_RECORD.finditer(body), meter):
        fields = [int(text) for text in record.groups()[:4]]
        if max(fields) > MAX_NUMBER or fields[0] >= MAX_NEST_LEVELS:
            continue  # a record that cannot be read is skipped
        inline = InlineRecord(*fields)
        ranges = _ranges_of(body, *record.span(5), meter)
        inlines += [
            (first, first + size, inline)
            for first, size in ranges
            if size and first < end and first + size > start
        ]
        if len(inlines) >= MAX_RANGES:
            return inlines[:MAX_RANGES]
    return inlines


def _ranges_of(body: bytes, start: int, end: int, meter: Meter) -> list[tuple[int, int]]:
    """Read the address and size of each range of an INLINE record; none when one is too large."""
    ranges = []
    for texts in _checked(_RANGE.finditer(body, start, end), meter):
        first, size = int(texts[1], 16), int(texts[2], 16)
        if first > MAX_ADDRESS or size > MAX_ADDRESS:
            return []
        ranges.append((first, size))
        if len(ranges) == MAX_RANGES:
            break
    return ranges


def parse_lines(body: bytes, meter: Meter) -> Lines:
    """Read the line records of a function, whatever their form, record by record.

    Raises LimitExceededError when the meter does.
    """
    lines = Lines([], [], [])
    for record in _checked(LINE_RECORD.finditer(body), meter):
        address, size, line, file = record.groups()
        start, length = int(address, 16), int(size, 16)
        if max(start, length) > MAX_ADDRESS or max(int(line), int(file)) > MAX_NUMBER:
            continue  # a record that cannot be read is skipped
        lines.starts.append(start)
        lines.ends.append(start + length)
        lines.locations.append((line, file))
        if len(lines.starts) == MAX_RANGES:
            break
    return lines


def _checked(records: Iterable[re.Match[bytes]], meter: Meter) -> Iterator[re.Match[bytes]]:
    """Yield records, and have the meter look at the time every few thousand of them."""
    for number, record in enumerate(records, 1):
        if number % _RECORDS_BETWEEN_CHECKS == 0:
            meter.check()
        yield record
