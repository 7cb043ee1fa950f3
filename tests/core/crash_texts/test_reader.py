# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.core.crash_texts.model import CrashText
from tecken.core.crash_texts.reader import read_crash_text
from tecken.core.crash_texts.resolve import Guessed
from tecken.core.errors import InvalidRequestError

ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F7890"
BUILD_ID = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567"


def offsets(crash: CrashText) -> list[tuple[str | None, int | None]]:
    return [
        (frame.module.debug_file if frame.module else None, frame.offset) for frame in crash.frames
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"hello/{ID}\n0x114e\n",
        f"hello/{ID}/hello.sym 0x114e",
        f"# a comment\nhello {ID}\n\n0x114e",
        f"hello {ID}\nhello + 0x114e\n",
        f'[["hello", "{ID}"]]\nhello + 0x114e\n',
        f"hello {ID} 0x1000\n#0  0x000000000000214e in ?? () from /usr/bin/hello\n",
    ],
)  # fmt: skip
def test_modules_may_stand_among_the_lines(text: str) -> None:
    crash = read_crash_text(text)
    assert offsets(crash) == [("hello", 0x114E)]
    assert crash.modules[0].debug_id == ID


@pytest.mark.parametrize(
    "modules",
    [
        f"hello {ID} 0x10000",
        f"/usr/bin/hello -> hello {ID} 0x10000",
        f"hello {BUILD_ID} 10000",
        f"a b -> hello {BUILD_ID} 0x10000",
        f"hello {BUILD_ID[:8].upper()}-8E9D-6047-6B1F-A2C4D5E6F789-01234567 0x10000",
        f'{{"memoryMap": [["hello", "{ID}", "0x10000"]]}}',
        f"hello {ID}\n00010000-00012000 r-xp 00000000 08:01 1234    /usr/bin/hello",
        "[  0] 2B3F1C5A-8E9D-6047-6B1F-A2C4D5E6F789-01234567 0x0000000000010000 /usr/bin/hello",
    ],
)
def test_modules_are_given_in_many_forms(modules: str) -> None:
    crash = read_crash_text("#0  0x000000000001114e in ?? ()\n", modules)
    assert offsets(crash) == [("hello", 0x114E)]
    assert crash.modules[0].debug_id == ID


@pytest.mark.parametrize("modules", ["nothing", "hello -> ", "hello 5A1C3F2Q", "[1]", '{"a": 1}'])
def test_modules_that_cannot_be_read_are_refused(modules: str) -> None:
    with pytest.raises(InvalidRequestError):
        read_crash_text("", modules)


def test_a_long_line_of_modules_is_refused_at_once() -> None:
    for line in ("a" + " " * 19_000 + "z", "a ->" * 4_000, "a/" * 9_000):
        with pytest.raises(InvalidRequestError):
            read_crash_text("", f"{line}\n" * 20)
        read_crash_text(f"{line[:900]} {ID} |\n" * 900)


def test_several_crashes_are_in_one_text() -> None:
    gdb = "Program received signal SIGSEGV, Segmentation fault.\n#0  0x00000000000011a1 in ?? ()\n"
    asan = "==1==ERROR: AddressSanitizer: SEGV on x\n    #0 0x1 in f (/usr/bin/hello+0x1)\n"
    crash = read_crash_text(gdb + asan + asan)
    assert crash.format == "gdb"
    assert crash.title == "signal SIGSEGV, Segmentation fault."
    assert [thread.crashed for thread in crash.threads] == [True, True, True]


def test_a_name_is_guessed_only_when_that_is_asked_for() -> None:
    text = "#0  0x0000000000001000 in ?? () from /lib/libfoo.so\n"
    assert read_crash_text(text).modules[0].debug_id is None
    [module] = read_crash_text(text, guess=lambda name: Guessed("libfoo.so", ID)).modules
    assert (module.debug_id, module.assumed) == (ID, True)


def test_the_inlined_lines_of_a_sanitizer_are_one_physical_frame() -> None:
    line = "    #{} 0x4010 in f{} (/usr/bin/hello+0x10)"
    crash = read_crash_text("\n".join(line.format(number, number) for number in range(3)))
    assert [(frame.level, frame.levels) for frame in crash.frames] == [(0, 3), (1, 3), (2, 3)]


@pytest.mark.parametrize(
    "line",
    [" " * 19_999, "#0 " * 6_000, "#0 0x1 in " + "(" * 19_000, "0x1 " * 4_000, "1|2|" + "|" * 9_000 + "|0x",
     "a!b" * 6_000, "+0x1" * 4_000, "0   a 0x1 " + "+ 1 " * 4_000, "==1==  at 0x1: " + "(in " * 4_000, "#0 pc 1  x " + "(" * 15_000],
)  # fmt: skip
def test_long_lines_of_anything_are_read_at_once(line: str) -> None:
    read_crash_text("\n".join([line] * 20))
