# SPDX-License-Identifier: MPL-2.0

"""Encodings of clang, with what ``symbolic`` makes of each but the fourth, whose size stands in the code."""

import struct

import pytest

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.compact_unwind import compact_records
from tecken.core.native.content import Content

BASE = 0x10000
ALL_SAVED = (
    " $rbx: .cfa -56 + ^ $r12: .cfa -48 + ^ $r13: .cfa -40 + ^"
    " $r14: .cfa -32 + ^ $r15: .cfa -24 + ^ $rbp: .cfa -16 + ^"
)


def _section(*pages: tuple[int, bytes], common: tuple[int, ...] = ()) -> Content:
    """Return a section of some pages: where the functions of each begin, and its bytes."""
    index_at = 28 + 4 * len(common)
    page_at = index_at + 12 * (len(pages) + 1)
    head = struct.pack("<7I", 1, 28, len(common), 0, 0, index_at, len(pages) + 1)
    head += struct.pack(f"<{len(common)}I", *common)
    for start, page in pages:
        head += struct.pack("<3I", start, page_at, 0)
        page_at += len(page)
    data = head + struct.pack("<3I", 0x900, 0, 0) + b"".join(page for _, page in pages)
    return Content(data, 0, len(data), "__unwind_info")


def _regular(*entries: tuple[int, int]) -> bytes:
    numbers = [number for entry in entries for number in entry]
    return struct.pack(f"<IHH{len(numbers)}I", 2, 8, len(entries), *numbers)


def _rules(content: Content, arch: str = "x86_64") -> list[tuple[int, int, str]]:
    numbers = {BASE + 0x500 + 0x0D: 12016}
    return [
        (code.address - BASE, code.size, code.records[0][1])
        for code in compact_records(content, arch, BASE, numbers.get)
    ]


@pytest.mark.parametrize(
    ("encoding", "rules"),
    [
        (0x01030161, ".cfa: $rbp 16 + $rbp: .cfa -16 + ^ .ra: .cfa -8 + ^"
         " $rbx: .cfa -40 + ^ $r14: .cfa -32 + ^ $r15: .cfa -24 + ^"),
        (0x02040000, ".cfa: $rsp 32 + .ra: .cfa -8 + ^"),
        (0x020C1800, ".cfa: $rsp 96 + .ra: .cfa -8 + ^" + ALL_SAVED),
        (0x030DF800, ".cfa: $rsp 12072 + .ra: .cfa -8 + ^" + ALL_SAVED),
        (0x02081409, ".cfa: $rsp 64 + .ra: .cfa -8 + ^ $rbx: .cfa -48 + ^ $r12: .cfa -40 + ^"
         " $r14: .cfa -32 + ^ $r15: .cfa -24 + ^ $rbp: .cfa -16 + ^"),
        (0x02160400, ".cfa: $rsp 176 + .ra: .cfa -8 + ^ $rbx: .cfa -16 + ^"),
    ],
)  # fmt: skip
def test_frames_of_x86_64(encoding: int, rules: str) -> None:
    section = _section((0x500, _regular((0x500, encoding))))
    assert _rules(section) == [(0x500, 0x400, rules)]


@pytest.mark.parametrize(
    ("encoding", "rules"),
    [
        (0x02000000, ".cfa: sp 0 + .ra: x30"),
        (0x02003000, ".cfa: sp 48 + .ra: x30"),
        (0x04000101, ".cfa: x29 16 + x29: .cfa -16 + ^ .ra: .cfa -8 + ^"
         " x19: .cfa -24 + ^ x20: .cfa -32 + ^"),
        (0x04000005, ".cfa: x29 16 + x29: .cfa -16 + ^ .ra: .cfa -8 + ^"
         " x19: .cfa -24 + ^ x20: .cfa -32 + ^ x23: .cfa -40 + ^ x24: .cfa -48 + ^"),
    ],
)  # fmt: skip
def test_frames_of_arm64(encoding: int, rules: str) -> None:
    section = _section((0x500, _regular((0x500, encoding))))
    assert _rules(section, "arm64") == [(0x500, 0x400, rules)]


def test_what_eh_frame_has_is_left_out() -> None:
    page = _regular((0x500, 0x04000018), (0x510, 0x02040000), (0x540, 0))
    assert [start for start, *_ in _rules(_section((0x500, page)))] == [0x510]


def test_pages_may_be_compressed() -> None:
    entries = struct.pack("<3I", 0x00, 0x01 << 24 | 0x20, 0x00 << 24 | 0x30)
    page = struct.pack("<I4H", 3, 12, 3, 24, 1) + entries + struct.pack("<I", 0x02060000)
    section = _section((0x500, page), (0x700, _regular((0x700, 0x02040000))), common=(0x02040000,))
    assert [(start, size, rules.split()[2]) for start, size, rules in _rules(section)] == [
        (0x500, 0x20, "32"),
        (0x520, 0x10, "48"),
        (0x530, 0x1D0, "32"),
        (0x700, 0x200, "32"),
    ]


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        (Content(bytes(28), 0, 28, "__unwind_info"), "has version 0"),
        (Content(b"\1" + bytes(9), 0, 10, "__unwind_info"), "ends before"),
        (_section((0x500, struct.pack("<IHH", 7, 0, 0))), "a page of kind 7"),
        (_section((0x500, struct.pack("<I4HI", 3, 12, 1, 16, 0, 9 << 24))), "lacks encoding 9"),
        (_section((0x500, struct.pack("<IHH", 2, 8, 9999))), "ends before"),
    ],
)
def test_damage_is_refused(section: Content, reason: str) -> None:
    with pytest.raises(MalformedNativeFileError, match=reason):
        _rules(section)
