# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.dwarf.leb import behind_string, read_signed, read_unsigned


@pytest.mark.parametrize("size", range(1, 11))
def test_unsigned_numbers_of_each_size_are_read(size: int) -> None:
    value = min((1 << 7 * size) - 3, 2**64 - 1)
    data = bytearray((value >> 7 * number & 0x7F) | 0x80 for number in range(size))
    data[-1] &= 0x7F
    assert read_unsigned(b"x" + data + b"\xff", 1) == (value, 1 + size)


@pytest.mark.parametrize(
    ("data", "value"), [(b"\x02", 2), (b"\x7e", -2), (b"\xff\x00", 127), (b"\x81\x7f", -127)]
)
def test_signed_numbers_are_read(data: bytes, value: int) -> None:
    assert read_signed(data, 0) == (value, len(data))


def test_padded_numbers_are_read() -> None:
    assert read_unsigned(b"\x85\x80\x80\x80\x00", 0) == (5, 5)


@pytest.mark.parametrize("read", [read_unsigned, read_signed])
def test_numbers_that_do_not_end_are_refused(read: object) -> None:
    assert callable(read)
    with pytest.raises(MalformedNativeFileError, match="does not end"):
        read(b"\xff" * 99, 0)
    with pytest.raises(IndexError):
        read(b"\xff", 0)


def test_a_string_that_does_not_end_is_refused() -> None:
    assert behind_string(b"ab\0c", 0) == 3
    with pytest.raises(MalformedNativeFileError, match="string at 0x3"):
        behind_string(b"ab\0c", 3)
