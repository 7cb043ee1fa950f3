# SPDX-License-Identifier: MPL-2.0

"""Stacks as lines."""

import json

import pytest

from tecken.client.errors import ClientError
from tecken.client.stack import StackLine, read_answer, stack_lines


def lines(*frames: dict[str, object]) -> list[StackLine]:
    (job,) = read_answer(json.dumps({"results": [{"stacks": [frames]}]}).encode())
    return list(stack_lines(job.stacks[0]))


def test_a_found_frame_has_its_function_file_and_line() -> None:
    frame = {"frame": 0, "module": "a.pdb", "module_offset": "0x10", "function": "main"}
    assert lines(frame | {"file": "a.c", "line": 7}) == [StackLine(0, "main", "a.c:7")]
    assert lines(frame | {"file": "a.c"}) == [StackLine(0, "main", "a.c")]
    assert lines(frame) == [StackLine(0, "main", "a.pdb + 0x10")]


def test_a_frame_that_was_not_found_has_its_module_and_offset() -> None:
    assert lines({"frame": 3, "module": "a.pdb", "module_offset": "0x10"}) == [
        StackLine(3, None, "a.pdb + 0x10")
    ]
    assert lines({"frame": 4, "module": "<unknown>", "module_offset": "1.000"}) == [
        StackLine(4, None, "<unknown> + 1.000")
    ]


def test_inlined_calls_stand_above_their_frame() -> None:
    frame = {
        "frame": 0,
        "module": "a.pdb",
        "module_offset": "0x10",
        "function": "outer",
        "file": "a.c",
        "line": 7,
        "inlines": [{"function": "inner", "file": "h.h", "line": 1}, {"function": "middle"}],
    }
    assert lines(frame) == [
        StackLine(None, "inner", "h.h:1", inlined=True),
        StackLine(None, "middle", "a.pdb + 0x10", inlined=True),
        StackLine(0, "outer", "a.c:7"),
    ]


def test_missing_modules_are_told_with_their_reason() -> None:
    errors = {"a/A": [{"name": "not_found", "message": "nowhere"}], "b/B": [{"name": "malformed"}]}
    (job,) = read_answer(
        json.dumps({"results": [{"stacks": [], "module_errors": errors}]}).encode()
    )
    assert list(job.missing_modules()) == ["a/A: nowhere", "b/B: malformed"]


@pytest.mark.parametrize(
    "answer", [b"", b"<html>", b'{"results": 1}', b'{"symbolicatedStacks": []}']
)
def test_an_answer_of_something_else_is_an_error(answer: bytes) -> None:
    with pytest.raises(ClientError, match="not the answer to a v5 request"):
        read_answer(answer)
