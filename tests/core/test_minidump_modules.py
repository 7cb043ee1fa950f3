# SPDX-License-Identifier: MPL-2.0

"""The code ids of a dump's modules, of both systems, and of damaged dumps."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.minidumps import DumpModule, DumpThread, write_minidump

from tecken.core.minidumps.modules import module_code_ids

BUILD_ID = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567"
DEBUG_ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F7890"
WINDOWS = DumpModule(
    "xul.pdb",
    "44E4EC8C2F41492B9369D6B9A059577CA",
    0x1000,
    0xB9D2000,
    "c:\\xul.dll",
    timestamp=0x5CE1F02B,
)
LINUX = DumpModule("libfoo.so", DEBUG_ID, 0x2000, 0x1000, "/opt/libfoo.so", build_id=BUILD_ID)
UNKNOWN = DumpModule("libfoo.so", DEBUG_ID, 0x2000, 0x1000)


def dump() -> bytes:
    """A module of Windows and one of Linux."""
    return write_minidump([WINDOWS, LINUX], [DumpThread(0x1000, bytes(64))])


def test_both_systems_have_them() -> None:
    data = dump()
    assert module_code_ids(BytesIO(data), len(data)) == {
        ("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577CA"): "5CE1F02BB9D2000",
        ("libfoo.so", DEBUG_ID): BUILD_ID.upper(),
    }


def test_a_dump_that_tells_none_has_none() -> None:
    data = write_minidump([UNKNOWN], [DumpThread(0x1000, bytes(64))])
    assert module_code_ids(BytesIO(data), len(data)) == {}


@given(st.integers(0, 4000), st.binary(max_size=16), st.integers(0, 5000))
def test_a_damaged_dump_raises_nothing(at: int, garbage: bytes, length: int) -> None:
    data = dump()
    damaged = (data[:at] + garbage + data[at + len(garbage) :])[:length]
    assert len(module_code_ids(BytesIO(damaged), len(damaged))) <= 3


@pytest.mark.parametrize("data", [b"", b"MDMP", bytes(200)])
def test_what_is_no_dump_has_none(data: bytes) -> None:
    assert module_code_ids(BytesIO(data), len(data)) == {}
