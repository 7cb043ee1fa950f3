# SPDX-License-Identifier: MPL-2.0

"""The code ids of a dump's modules, of both systems, and of damaged dumps."""

import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.minidumps import DumpModule, DumpThread, write_minidump

from tecken.core.minidump_modules import module_code_ids

BUILD_ID = bytes.fromhex("2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567")
DEBUG_ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F7890"
WINDOWS = DumpModule(
    "xul.pdb", "44E4EC8C2F41492B9369D6B9A059577CA", 0x1000, 0xB9D2000, "c:\\xul.dll"
)
LINUX = DumpModule("libfoo.so", DEBUG_ID, 0x2000, 0x1000, "/opt/lib/libfoo.so")


def dump() -> bytes:
    """A module of Windows and one of Linux, whose records hold what handlers write."""
    written = write_minidump([WINDOWS, LINUX], [DumpThread(0x1000, bytes(64))])
    record = b"RSDS" + bytes.fromhex("2b3f1c5a8e9d60476b1fa2c4d5e6f789") + bytes(4) + b"libfoo.so\0"
    elf = (b"LEpB" + BUILD_ID).ljust(len(record), b"\0")
    at = written.index(record)
    written = written.replace(record, elf)
    # The size of the record, and the timestamp of the other one.
    sized = struct.pack("<II", len(record), at)
    written = written.replace(sized, struct.pack("<II", 24, at))
    image = struct.pack("<QIII", WINDOWS.base, WINDOWS.size, 0, 0)
    return written.replace(image, image[:-4] + struct.pack("<I", 0x5CE1F02B))


def test_both_systems_have_them() -> None:
    data = dump()
    assert module_code_ids(BytesIO(data), len(data)) == {
        ("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577CA"): "5CE1F02BB9D2000",
        ("libfoo.so", DEBUG_ID): BUILD_ID.hex().upper(),
    }


def test_a_dump_that_tells_none_has_none() -> None:
    data = write_minidump([LINUX], [DumpThread(0x1000, bytes(64))])
    assert module_code_ids(BytesIO(data), len(data)) == {}


@given(st.integers(0, 4000), st.binary(max_size=16), st.integers(0, 5000))
def test_a_damaged_dump_raises_nothing(at: int, garbage: bytes, length: int) -> None:
    data = dump()
    damaged = (data[:at] + garbage + data[at + len(garbage) :])[:length]
    assert len(module_code_ids(BytesIO(damaged), len(damaged))) <= 3


@pytest.mark.parametrize("data", [b"", b"MDMP", bytes(200)])
def test_what_is_no_dump_has_none(data: bytes) -> None:
    assert module_code_ids(BytesIO(data), len(data)) == {}
