# SPDX-License-Identifier: MPL-2.0

"""Small files that would make much work: they are read in bounded time, or refused."""

import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.core.native.assembled import TEXT, abbreviations, elf, leb, line_program, unit

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.derive import derive
from tecken.core.native.dwarf import constants as dw
from tecken.core.native.model import NativeFiles

CODE = [(dw.AT_LOW_PC, dw.FORM_ADDR), (dw.AT_HIGH_PC, dw.FORM_DATA4)]
NAMED = [(dw.AT_NAME, dw.FORM_STRP), *CODE]
ORIGIN = (dw.AT_ABSTRACT_ORIGIN, dw.FORM_REF4)
TABLE = abbreviations(
    (dw.TAG_COMPILE_UNIT, True, [(dw.AT_STMT_LIST, dw.FORM_DATA4), (dw.AT_LANGUAGE, dw.FORM_DATA1)]),
    (dw.TAG_SUBPROGRAM, True, NAMED),
    (dw.TAG_INLINED_SUBROUTINE, True, [ORIGIN, *CODE]),
    (dw.TAG_SUBPROGRAM, False, [ORIGIN, *CODE]),
    (dw.TAG_NAMESPACE, True, [(dw.AT_NAME, dw.FORM_STRP)]),
    (dw.TAG_SUBPROGRAM, False, NAMED),
    (dw.TAG_SUBPROGRAM, True, [(dw.AT_NAME, dw.FORM_STRP), (dw.AT_RANGES, dw.FORM_SEC_OFFSET)]),
    (dw.TAG_INLINED_SUBROUTINE, False, [ORIGIN, (dw.AT_RANGES, dw.FORM_SEC_OFFSET)]),
)  # fmt: skip
UNIT = b"\1" + bytes(4) + bytes([0x04])  # of C++
FIRST = 11 + len(UNIT)  # the offset of the first entry in it


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < 10


def _span(start: int, size: int) -> bytes:
    return struct.pack("<QI", TEXT + start, size)


def _derive(tmp_path: Path, entries: bytes, **others: bytes) -> str:
    sections = {
        ".debug_info": unit(UNIT + entries),
        ".debug_abbrev": TABLE,
        ".debug_str": b"f\0",
        ".debug_line": line_program(b""),
        **{f".debug_{name}": data for name, data in others.items()},
    }
    program = elf(tmp_path / "program", sections)
    derive(NativeFiles("x", program), tmp_path / "out")
    return (tmp_path / "out").read_text(encoding="latin-1")


def _function(start: int = 0, size: int = 16, name: int = 0) -> bytes:
    return b"\2" + struct.pack("<I", name) + _span(start, size)


def test_what_is_built_here_can_be_read(tmp_path: Path) -> None:
    call = b"\3" + struct.pack("<I", FIRST) + _span(4, 8) + b"\0"
    text = _derive(tmp_path, _function() + call + b"\0\0")
    assert "FUNC 1000 10 0 f\nINLINE 0 0 0 1 1004 8\n" in text


def test_calls_nested_very_deep(tmp_path: Path) -> None:
    call = b"\3" + struct.pack("<I", FIRST) + _span(0, 16)
    text = _derive(tmp_path, _function() + 20_000 * call)
    assert "INLINE 255 " in text
    assert "INLINE 256 " not in text


def test_calls_that_all_lie_outside_of_their_caller(tmp_path: Path) -> None:
    calls = b"".join(
        b"\3" + struct.pack("<I", FIRST) + _span(64 * number, 16) + b"\0" for number in range(4000)
    )
    caller = b"\3" + struct.pack("<I", FIRST) + _span(0, 1)
    with pytest.raises(UnsupportedNativeFileError, match="again and again"):
        _derive(tmp_path, _function(0, 0x40000) + caller + calls)


def test_functions_that_all_cover_all_lines(tmp_path: Path) -> None:
    rows = b"\0\x09\2" + struct.pack("<Q", TEXT) + b"\x4b" * 20_000 + b"\0\1\1"
    functions = b"".join(b"\6" + bytes(4) + _span(0, 100_000) for _ in range(500))
    with pytest.raises(UnsupportedNativeFileError):
        _derive(tmp_path, functions, line=line_program(rows))


def test_a_list_of_ranges_that_all_use(tmp_path: Path) -> None:
    ranges = b"".join(struct.pack("<QQ", TEXT + 8 * n, TEXT + 8 * n + 4) for n in range(20_000))
    calls = b"".join(b"\x08" + struct.pack("<II", FIRST, 0) for _ in range(5000))
    with pytest.raises(UnsupportedNativeFileError, match="again and again"):
        _derive(tmp_path, b"\7" + bytes(8) + calls, ranges=ranges + bytes(16))


def test_a_long_name_that_all_have(tmp_path: Path) -> None:
    functions = b"".join(b"\6" + bytes(4) + _span(16 * n, 8) for n in range(20_000))
    with pytest.raises(UnsupportedNativeFileError):
        _derive(tmp_path, functions, str=b"n" * 900_000 + b"\0")


def test_a_name_without_an_end(tmp_path: Path) -> None:
    with pytest.raises(MalformedNativeFileError, match="no string at 0x0"):
        _derive(tmp_path, _function(), str=b"n" * 2_000_000)


def test_entries_that_refer_to_each_other(tmp_path: Path) -> None:
    circle = b"\4" + struct.pack("<I", FIRST) + _span(0, 8)
    with pytest.raises(MalformedNativeFileError, match="in a circle"):
        _derive(tmp_path, circle)


def test_namespaces_nested_very_deep(tmp_path: Path) -> None:
    namespace = b"\5" + bytes(4)
    text = _derive(tmp_path, 100 * namespace + _function())
    assert f"FUNC 1000 10 0 {'f::' * 64}f\n" in text
    with pytest.raises(UnsupportedNativeFileError, match="again and again"):
        _derive(tmp_path, 20_000 * namespace + _function())


def test_units_that_share_a_line_program(tmp_path: Path) -> None:
    rows = b"\0\x09\2" + struct.pack("<Q", TEXT) + b"\x4b" * 20_000 + b"\0\1\1"
    with pytest.raises(UnsupportedNativeFileError, match="again and again"):
        _derive(tmp_path, b"", info=unit(UNIT) * 2000, line=line_program(rows))


def test_an_unknown_form_is_named(tmp_path: Path) -> None:
    table = abbreviations((dw.TAG_COMPILE_UNIT, False, [(dw.AT_NAME, 0x7777)]))
    with pytest.raises(UnsupportedNativeFileError, match="unknown form 0x7777"):
        _derive(tmp_path, b"", abbrev=table)


def test_an_abbreviation_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MalformedNativeFileError, match="abbreviation 300, which is not there"):
        _derive(tmp_path, leb(300))
