# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Frames in the text of a crash."""

import pytest

from tecken.client.crash_text import CrashText, read_crash_text
from tecken.client.loaded_modules import LoadedModule

FOO = LoadedModule("libfoo.so", "A1", 0x7F12_A4B0_0000)
CHROME = LoadedModule("Google Chrome", "B2")
MODULES = {"libfoo.so": FOO, "Google Chrome": CHROME, "chrome.dll": CHROME}


def read(*lines: str) -> CrashText:
    return read_crash_text("\n".join(lines), MODULES)


@pytest.mark.parametrize(
    ("line", "number", "offset"),
    [
        ("#01 pc 0000b2e3 libfoo.so", 1, 0xB2E3),
        ("    #01 pc 0x0000b2e3  /system/lib64/libfoo.so (foo()+12) (BuildId: ab)", 1, 0xB2E3),
        ("11-24 12:00:00.1 F/DEBUG ( 9):     #10 pc 1F  /data/base.apk!libfoo.so", 10, 0x1F),
        ("    #2 0x7f12a4b0b2e3 (/usr/lib/libfoo.so+0xb2e3)", 2, 0xB2E3),
        ("#2 0x7f12a4b0b2e3  (/a b/libfoo.so+0xb2e3) (BuildId: ab12)\r", 2, 0xB2E3),
        ("libfoo.so + 0xb2e3", None, 0xB2E3),
        ("libfoo.so+0xB2E3\r", None, 0xB2E3),
        (" 3  libfoo.so + 0xb2e3  ", 3, 0xB2E3),
        ("#3: C:\\lib\\libfoo.so + 0x0", 3, 0),
        ("0x00007f12a4b0b2e3 libfoo.so", None, 0xB2E3),
        ("12 0x7f12a4b00000 /usr/lib/libfoo.so", 12, 0),
    ],
)
def test_each_form_is_a_frame(line: str, number: int | None, offset: int) -> None:
    [frame] = read("Crash:", line).frames
    assert (frame.line, frame.number, frame.module, frame.offset) == (1, number, FOO, offset)


def test_a_name_with_spaces_is_found_before_an_offset() -> None:
    [frame] = read("0 Google Chrome + 0x10").frames
    assert (frame.number, frame.module) == (0, CHROME)


def test_a_module_may_have_another_name_in_the_text() -> None:
    [frame] = read("chrome.dll + 0x10").frames
    assert frame.module.debug_file == "Google Chrome"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "*** *** *** ***",
        "libfoo.so!foo() + 0x12",
        "libfoo.so + 4711",
        "crashed in libfoo.so + 0xb2e3 again",
        "    rip = 0x00007f12a4b0b2e3   rsp = 0x00007ffd00000000",
        "0x7f12a4b0b2e3: 00 01",
        "    #1 0x7f12a4b0b2e3 in main /src/main.c:3",
        "libfoo.so + 0xb2e3" + " " * 1000,
    ],
)
def test_other_lines_are_no_frames_and_not_complained_of(line: str) -> None:
    crash = read(line)
    assert (crash.lines, crash.frames, crash.unreadable) == ([line], [], {})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("#01 pc 0000b2e3", "there is no module"),
        ("#01 pc 0000b2e3 /system/lib/libc.so", "libc.so is not among the modules"),
        ("#01 pc 0000b2e3 /system/lib/", "/system/lib/ is not among the modules"),
        ("#01 pc 0000xyz libfoo.so", "the offset 0000xyz is no hexadecimal number of 64 bits"),
        ("libfoo.so + 0x1_0", "the offset 1_0 is no hexadecimal number of 64 bits"),
        ("libfoo.so + 0x" + "f" * 17, f"the offset {'f' * 17} is no hexadecimal"),
        ("0x7fzz libfoo.so", "the address 7fzz is no hexadecimal number of 64 bits"),
        ("0x10 libfoo.so", "0x10 is below 0x7f12a4b00000, where libfoo.so begins"),
        ("0x10 chrome.dll", "the modules do not say the base address of Google Chrome"),
    ],
)
def test_a_line_that_looks_like_a_frame_and_is_none_is_named(line: str, reason: str) -> None:
    crash = read("first", line)
    assert crash.frames == []
    [(told, numbers)] = crash.unreadable.items()
    assert told.startswith(reason)
    assert numbers == [2]


def test_lines_with_the_same_trouble_are_named_together() -> None:
    crash = read("#0 pc 1 libc.so", "#1 pc 2 libfoo.so", "#2 pc 3 libc.so")
    assert crash.unreadable == {"libc.so is not among the modules": [1, 3]}
    assert [frame.line for frame in crash.frames] == [1]


def test_long_lines_of_anything_are_read_at_once() -> None:
    lines = [
        " " * 999,
        "a" * 999,
        "+ 0x" * 249,
        "#1 pc " * 160,
        "0 " * 499,
        "#1 0x1 (" + "+0x1" * 240,
    ]
    assert read(*lines * 20).frames == []
