# SPDX-License-Identifier: MPL-2.0

"""The outline of minidumps, whole and damaged."""

import struct
from io import BytesIO

import pytest
from tests.support.minidumps import DumpModule, DumpThread, write_minidump

from tecken.core.errors import InvalidRequestError
from tecken.core.minidumps.outline import check_minidump

HELLO = DumpModule("hello", "5A1C3F2B9D8E47606B1FA2C4D5E6F7890", 0x400000, 0x10000)
DUMP = write_minidump([HELLO], [DumpThread(0x401000, bytes(64))])
DIRECTORY = 32
ENTRY_BYTES = 12


def refusal(dump: bytes) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        check_minidump(BytesIO(dump), len(dump))
    return str(caught.value)


def changed(at: int, number: int) -> bytes:
    """The dump with another number (32 bits) somewhere."""
    return DUMP[:at] + struct.pack("<I", number) + DUMP[at + 4 :]


def test_a_whole_one_is_taken() -> None:
    check_minidump(BytesIO(DUMP), len(DUMP))


@pytest.mark.parametrize("dump", [b"", b"MDM", b"PK\3\4", b"\x7fELF", DUMP[1:]])
def test_what_is_none_is_told(dump: bytes) -> None:
    assert refusal(dump) == "This is not a minidump: it does not begin with MDMP"


@pytest.mark.parametrize(
    ("dump", "reason"),
    [
        (DUMP[:20], "its header has 20 of 32 bytes"),
        (changed(4, 1), "its version is 0x0001 in place of 0xa793"),
        (changed(8, 5_000_000), "it says that it has 5,000,000 streams"),
        (changed(12, len(DUMP)), "the directory of its 5 streams lies beyond its end"),
        (changed(8, 0), "it has no stream of the system"),
        (changed(DIRECTORY + ENTRY_BYTES, 99), "it has no stream of the threads"),
        (changed(DIRECTORY + 4, 0xFFFFFFFF), "its stream of the system lies beyond its end"),
        (DUMP[:100], "its stream of the system lies beyond its end"),
    ],
)
def test_what_is_damaged_is_named(dump: bytes, reason: str) -> None:
    assert refusal(dump) == f"The minidump is damaged: {reason}"
