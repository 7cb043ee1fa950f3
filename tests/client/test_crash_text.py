# SPDX-License-Identifier: MPL-2.0

"""Frames in the text of a crash."""

from operator import itemgetter
from typing import Any

import pytest
from tests.support.examples import loaded_module, symbolication_examples

from tecken.client.crash_text import CrashText, read_crash_text

EXAMPLES = symbolication_examples()
MODULES = {name: loaded_module(*module) for name, module in EXAMPLES["modules"].items()}


def read(*lines: str) -> CrashText:
    return read_crash_text("\n".join(lines), MODULES)


@pytest.mark.parametrize("example", EXAMPLES["frames"], ids=itemgetter("line"))
def test_each_form_is_a_frame(example: dict[str, Any]) -> None:
    [frame] = read("Crash:", example["line"]).frames
    assert (frame.line, frame.number) == (1, example["number"])
    assert (frame.module, frame.offset) == (
        MODULES[example["module"]],
        int(example["offset"], 16),
    )


@pytest.mark.parametrize("example", EXAMPLES["build_id_frames"], ids=itemgetter("line"))
def test_a_build_id_names_a_module_that_is_not_among_the_modules(example: dict[str, Any]) -> None:
    [frame] = read(example["line"]).frames
    assert (frame.number, frame.offset) == (example["number"], int(example["offset"], 16))
    assert frame.module == loaded_module(*example["module"])


@pytest.mark.parametrize("line", EXAMPLES["other_lines"])
def test_other_lines_are_no_frames_and_not_complained_of(line: str) -> None:
    crash = read(line)
    assert (crash.lines, crash.frames, crash.unreadable) == ([line], [], {})


@pytest.mark.parametrize("example", EXAMPLES["unreadable_frames"], ids=itemgetter("line"))
def test_a_line_that_looks_like_a_frame_and_is_none_is_named(example: dict[str, str]) -> None:
    crash = read("first", example["line"])
    assert crash.frames == []
    assert crash.unreadable == {example["reason"]: [2]}


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
