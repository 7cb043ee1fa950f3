# SPDX-License-Identifier: MPL-2.0

"""Line programs of a few opcodes, and the table of their rows."""

import struct

import pytest

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.dwarf.line_header import LineHeader, read_line_header
from tecken.core.native.dwarf.line_program import LineTable, run_line_program
from tecken.core.native.dwarf.sections import DebugSections

FIRST, LAST = 0x1000, 0x9000
COPY, END = b"\1", b"\0\1\1"


def _address(address: int) -> bytes:
    return b"\0\x09\2" + struct.pack("<Q", address)


def _advance(step: int) -> bytes:
    return bytes([2, step])


def _line(delta: int) -> bytes:
    return bytes([3, delta & 0x7F])


def _table(program: bytes, instruction_bytes: int = 1) -> LineTable:
    header = LineHeader(
        8, "<", instruction_bytes, -5, 14, b"\0\1\1\1\1\0\0\0\1\0\0\1", [], [], 1, program
    )
    return LineTable(run_line_program(header, FIRST, LAST))


def _rows(table: LineTable, start: int = 0, end: int = LAST) -> list[tuple[int, int, int]]:
    return [
        (first, after, location & 0xFFFF) for first, after, location in table.between(start, end)
    ]


CODE = _address(0x2000) + _line(9) + COPY + _advance(4) + _line(1) + COPY + _advance(4) + END


def test_a_row_lasts_until_the_next_one() -> None:
    assert _rows(_table(CODE)) == [(0x2000, 0x2004, 10), (0x2004, 0x2008, 11)]


def test_rows_are_cut_at_the_ends_of_a_range() -> None:
    assert _rows(_table(CODE), 0x2002, 0x2006) == [(0x2002, 0x2004, 10), (0x2004, 0x2006, 11)]


def test_of_rows_at_one_address_the_last_counts() -> None:
    program = _address(0x2000) + COPY + _line(5) + COPY + _line(1) + COPY + _advance(2) + END
    assert _rows(_table(program)) == [(0x2000, 0x2002, 7)]


def test_special_opcodes_advance_both() -> None:
    # (0x4b - 13) // 14 = 4 bytes, -5 + (0x4b - 13) % 14 = 1 line; const_add_pc adds 17 bytes.
    program = _address(0x2000) + COPY + b"\x4b" + b"\x08" + COPY + _advance(1) + END
    assert _rows(_table(program)) == [(0x2000, 0x2004, 1), (0x2004, 0x2016, 2)]


def test_instructions_of_several_bytes_and_fixed_advances() -> None:
    program = _address(0x2000) + COPY + _advance(2) + _line(1) + COPY + b"\x09\x06\x00" + END
    assert _rows(_table(program, 4)) == [(0x2000, 0x2008, 1), (0x2008, 0x200E, 2)]


@pytest.mark.parametrize("tombstone", [0, 1, 2**64 - 1, 2**64 - 2])
def test_code_that_the_linker_dropped_has_no_rows(tombstone: int) -> None:
    """Such a sequence may also go backwards, as one of GCC's for a discarded section does."""
    dropped = _address(tombstone) + COPY + _advance(9) + COPY + _address(0) + _line(7) + COPY + END
    assert _rows(_table(dropped + CODE + dropped)) == _rows(_table(CODE))


def test_sequences_come_in_any_order() -> None:
    early = _address(0x1800) + COPY + _advance(8) + END
    expected = [(0x1800, 0x1808, 1), *_rows(_table(CODE))]
    assert _rows(_table(CODE + early)) == expected
    assert _rows(_table(early + CODE)) == expected


def test_of_sequences_that_overlap_the_first_keeps_its_code() -> None:
    late = _address(0x2004) + _line(50) + COPY + _advance(12) + END
    assert _rows(_table(CODE + late)) == [*_rows(_table(CODE)), (0x2008, 0x2010, 51)]


def test_rows_outside_of_functions_are_found() -> None:
    outside = [row[:2] for row in _table(CODE).outside([(0x2002, 0x2005)])]
    assert outside == [(0x2000, 0x2002), (0x2005, 0x2008)]


def test_opcodes_of_other_producers_are_passed_over() -> None:
    program = b"\x0a\x0b\x0c\x81\x01\x05\x82\x03\x06\x07" + CODE + b"\0\3\x80ab"
    assert _rows(_table(program)) == _rows(_table(CODE))


def test_a_range_of_no_lines_is_refused() -> None:
    header = LineHeader(8, "<", 1, -5, 0, b"", [], [], 1, b"")
    with pytest.raises(MalformedNativeFileError, match="range of 0 lines"):
        run_line_program(header, FIRST, LAST)


def _header(body: bytes, version: int = 4) -> LineHeader:
    names = b"\x01\x01\xfb\x0e\x0d" + b"\0\1\1\1\1\0\0\0\1\0\0\1" + body
    if version >= 4:
        names = b"\x01" + names
    head = struct.pack("<H", version)
    if version >= 5:
        head += b"\x08\0"
    text = head + struct.pack("<I", len(names)) + names + CODE
    content = {"line": struct.pack("<I", len(text)) + text, "line_str": b"/build\0deep\0b.c\0"}
    sections = DebugSections.find(
        lambda name: (
            Content(content[name], 0, len(content[name]), name) if name in content else None
        ),
        "<",
    )
    return read_line_header(sections, 0, 8)


def test_files_before_version_5_count_from_1() -> None:
    header = _header(b"deep\0/abs\0\0" + b"a.c\0\0\0\0b.c\0\1\0\0c.c\0\2\0\0/d.c\0\1\0\0\0")
    paths = [header.path_of(number, b"/build") for number in range(6)]
    assert paths == [None, b"/build/a.c", b"/build/deep/b.c", b"/abs/c.c", b"/d.c", None]
    assert header.program == CODE


def test_files_of_version_5_count_from_0() -> None:
    folders = b"\1\1\x1f\2" + struct.pack("<II", 0, 7)
    files = b"\3\1\x1f\2\x0b\5\x1e\2" + 2 * (struct.pack("<I", 12) + b"\1" + 16 * b"m")
    header = _header(folders + files, 5)
    assert [header.path_of(number, b"/build") for number in range(3)] == [
        b"/build/deep/b.c", b"/build/deep/b.c", None,
    ]  # fmt: skip


def test_windows_folders_stay_what_they_are() -> None:
    header = _header(b"C:\\src\0\0" + b"a.c\0\1\0\0\0")
    assert header.path_of(1, b"/build") == b"C:\\src\\a.c"


def test_a_version_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnsupportedNativeFileError, match="DWARF version 6"):
        _header(b"\0\0", 6)
