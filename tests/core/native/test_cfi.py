# SPDX-License-Identifier: MPL-2.0

import re
import struct
from pathlib import Path

import pytest
from tests.core.native.programs import derived_text, files_of

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.cfi import UnwindReader, UnwindSection
from tecken.core.native.cfi_rules import REGISTERS, Frames, RuleReader
from tecken.core.native.content import Content

# What entry points of x86-64 begin with: the frame is at $rsp + 8, and the return address below it.
INITIAL = bytes([0x0C, 7, 8, 0x80 | 16, 1])
FRAMES = Frames(1, -8, 16, REGISTERS["x86_64"], INITIAL, 8)
FIRST = (0, ".cfa: $rsp 8 + .ra: .cfa -8 + ^")


def _records(*code: int) -> list[tuple[int, str]]:
    return RuleReader(FRAMES).read(bytes(code))


def test_a_function_that_saves_nothing_has_one_record() -> None:
    assert _records(0, 0, 0) == [FIRST]


def test_a_push_moves_the_frame_and_saves_a_register() -> None:
    # advance 1, frame at + 16, $rbp at -16, advance 3, frame by $rbp
    code = [0x41, 0x0E, 16, 0x80 | 6, 2, 0x43, 0x0D, 6]
    assert _records(*code) == [
        FIRST,
        (1, ".cfa: $rsp 16 + $rbp: .cfa -16 + ^"),
        (4, ".cfa: $rbp 16 +"),
    ]


def test_rules_that_are_restored_are_told_again() -> None:
    code = [0x41, 0x0E, 16, 0x86, 2, 0x0A, 0x41, 0x0E, 8, 0xC6, 0x41, 0x0B]
    assert _records(*code) == [
        FIRST,
        (1, ".cfa: $rsp 16 + $rbp: .cfa -16 + ^"),
        (2, ".cfa: $rsp 8 + $rbp: $rbp"),
        (3, ".cfa: $rsp 16 + $rbp: .cfa -16 + ^"),
    ]


def test_long_advances_and_other_encodings() -> None:
    code = [0x02, 200, 0x12, 7, 0x7C, 0x03, 0, 1, 0x05, 3, 4, 0x04, 0, 0, 1, 0, 0x09, 12, 13]
    assert _records(*code) == [
        FIRST,
        (200, ".cfa: $rsp 32 +"),
        (456, "$rbx: .cfa -32 + ^"),
        (456 + 65536, "$r12: $r13"),
    ]


def test_what_needs_an_expression_has_no_rule() -> None:
    assert _records(0x41, 0x0F, 2, 0x77, 8, 0x10, 6, 1, 0x30, 0x41, 0x0E, 24) == [
        FIRST,
        (2, ".cfa: $rsp 24 +"),
    ]


def test_an_unknown_instruction_is_refused() -> None:
    with pytest.raises(MalformedNativeFileError, match="instruction 0x3f"):
        _records(0x3F, 1)


def test_too_many_remembered_states_are_refused() -> None:
    with pytest.raises(MalformedNativeFileError, match="too many states"):
        _records(*[0x0A] * 100)


def test_a_section_of_debug_frames_is_read() -> None:
    kind = b"\xff\xff\xff\xff\x01\0\x01\x78\x10" + INITIAL + b"\0\0"
    function = struct.pack("<IQQ", 0, 0x4000, 0x20) + b"\x41\x0e\x10\0"
    data = b"".join(struct.pack("<I", len(entry)) + entry for entry in (kind, function))
    section = UnwindSection(Content(data, 0, len(data), ".debug_frame"), 0, is_eh_frame=False)
    [found] = UnwindReader(section, "x86_64", "<", 8).records()
    assert (found.address, found.size) == (0x4000, 0x20)
    assert found.records == [FIRST, (1, ".cfa: $rsp 16 +")]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("gcc5", ".cfa: $rsp 8 + .ra: .cfa -8 + ^"),
        ("i386", ".cfa: $esp 4 + .ra: .cfa -4 + ^"),
        ("arm64", ".cfa: sp 0 + .ra: x30"),
    ],
)
def test_each_function_has_records(native: Path, tmp_path: Path, name: str, first: str) -> None:
    text, derived = derived_text(files_of(native, name), tmp_path)
    starts = dict(re.findall(r"^STACK CFI INIT (\w+) \w+ (.*)$", text, re.MULTILINE))
    functions = set(re.findall(r"^FUNC (\w+) ", text, re.MULTILINE))
    by_hand = set(re.findall(r"^FUNC (\w+) .* by_hand$", text, re.MULTILINE))
    assert functions - by_hand <= starts.keys()
    assert first in starts.values()
    assert derived.unwind_records == len(re.findall("^STACK CFI ", text, re.MULTILINE))


def test_other_processors_have_none(native: Path, tmp_path: Path) -> None:
    text, derived = derived_text(files_of(native, "s390x"), tmp_path)
    assert derived.unwind_records == 0
    assert "STACK" not in text
