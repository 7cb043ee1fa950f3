# SPDX-License-Identifier: MPL-2.0

import struct

import pytest

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.dwarf.budget import Budget
from tecken.core.native.dwarf.forms import UnitFormat
from tecken.core.native.dwarf.range_lists import RangeReader

FOUR, FIVE = UnitFormat(4, 8, 4, "<"), UnitFormat(5, 8, 4, "<")
BASE = 0x1000
INDEXED = [0x7000, 0x8000, 0x9000]


def _content(data: bytes) -> Content:
    return Content(data, 0, len(data), ".debug_rnglists")


def _pairs(*numbers: int) -> list[tuple[int, int]]:
    data = b"xx" + struct.pack(f"<{len(numbers)}Q", *numbers)
    return RangeReader(FOUR, Budget(0)).pairs_at(_content(data), 2, BASE)


def _list(data: bytes) -> list[tuple[int, int]]:
    reader = RangeReader(FIVE, Budget(0))
    return reader.list_at(_content(b"x" + data), 1, BASE, INDEXED.__getitem__)


def _u64(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}Q", *numbers)


def test_pairs_count_from_the_unit_or_from_another_base() -> None:
    expected = [(0x1010, 0x1020), (0x5001, 0x5002)]
    assert _pairs(0x10, 0x20, 2**64 - 1, 0x5000, 1, 2, 0, 0, 7, 9) == expected


def test_empty_pairs_do_not_end_a_list() -> None:
    assert _pairs(1, 1, 0x10, 0x20, 0, 0) == [(0x1010, 0x1020)]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (b"\x04\x10\x20", (0x1010, 0x1020)),  # offset_pair
        (b"\x05" + _u64(0x5000) + b"\x04\x01\x02", (0x5001, 0x5002)),  # base_address
        (b"\x01\x02\x04\x01\x02", (0x9001, 0x9002)),  # base_addressx
        (b"\x02\x00\x01", (0x7000, 0x8000)),  # startx_endx
        (b"\x03\x01\x80\x01", (0x8000, 0x8080)),  # startx_length
        (b"\x06" + _u64(0x100, 0x200), (0x100, 0x200)),  # start_end
        (b"\x07" + _u64(0x100) + b"\x08", (0x100, 0x108)),  # start_length
    ],
)
def test_each_kind_of_entry(entry: bytes, expected: tuple[int, int]) -> None:
    assert _list(entry + b"\x07" + _u64(0x100) + b"\x00" + entry + b"\x00\x04") == [expected] * 2


def test_code_that_was_dropped_wraps_to_nothing() -> None:
    assert _list(b"\x05" + _u64(2**64 - 1) + b"\x04\x10\x20\x00") == []


def test_an_entry_of_another_kind_is_refused() -> None:
    with pytest.raises(MalformedNativeFileError, match="of kind 9"):
        _list(b"\x09\x01\x01")


def test_a_list_outside_of_the_section_is_refused() -> None:
    with pytest.raises(MalformedNativeFileError, match="has nothing at 0x40"):
        RangeReader(FOUR, Budget(0)).pairs_at(_content(b"1234"), 0x40, 0)


def test_a_list_that_is_read_again_and_again_is_refused() -> None:
    content = _content(_u64(*[1, 2] * 10_000, 0, 0))
    reader = RangeReader(FOUR, Budget(content.size))
    for _ in range(11):
        assert len(reader.pairs_at(content, 0, 0)) == 10_000
    with pytest.raises(UnsupportedNativeFileError, match="again and again"):
        [reader.pairs_at(content, 0, 0) for _ in range(40)]
