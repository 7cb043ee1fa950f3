# SPDX-License-Identifier: MPL-2.0

"""Frames around a signal handler, where return addresses are not what they seem."""

from pathlib import Path

import pytest

from tecken.commands.offline import FolderSupplier
from tecken.core.crash_texts.naming import name_frames
from tecken.core.crash_texts.reader import read_crash_text

ID = "AB" * 16 + "0"
LIBC = """FUNC 1000 10 0 abort
FUNC 1010 9 0 __restore_rt
FUNC 2000 10 0 before
FUNC 2010 10 0 after
"""
TEXT = """\
Caught signal 11
/lib/libc.so.6(+0x{}) [0x7f0000002011]
/lib/libc.so.6(+0x{}) [0x7f0000001010]
/lib/libc.so.6(+0x{}) [0x7f0000002010]
"""


@pytest.fixture
def supplier(tmp_path: Path) -> FolderSupplier:
    path = tmp_path / "libc.so.6" / ID / "libc.so.6.sym"
    path.parent.mkdir(parents=True)
    path.write_text(LIBC)
    return FolderSupplier(tmp_path)


@pytest.mark.parametrize(
    ("offsets", "functions"),
    [
        (("2011", "1010", "2010"), ["after", "__restore_rt", "after"]),
        (("2011", "2010", "2010"), ["after", "before", "before"]),
        (("1011", "2010", "2010"), ["__restore_rt", "after", "before"]),
    ],
)
def test_what_a_signal_interrupted_is_exact(
    supplier: FolderSupplier, offsets: tuple[str, str, str], functions: list[str]
) -> None:
    crash = read_crash_text(TEXT.format(*offsets), f"libc.so.6 {ID}")
    named = name_frames(crash, supplier)
    names = [named.name_of(frame) for frame in crash.frames]
    assert [name and name.function for name in names] == functions
