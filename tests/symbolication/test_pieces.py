# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The JSON of many frames, piece by piece."""

import json
from collections.abc import Sequence

import pytest

from tecken.core.symbolicate import Frame
from tecken.symbolication.pieces import FrameTexts, numbered_stacks, plain_stacks

SOME = [(0, place) for place in range(250)]


class Writer:
    """Writes frames, and notes which."""

    def __init__(self) -> None:
        self.written: list[Frame] = []

    def __call__(self, frame: Frame) -> bytes:
        self.written.append(frame)
        return b'"%d"' % frame[1] if isinstance(frame[1], int) else b'""'


def test_a_frame_is_written_once_however_often_it_stands() -> None:
    writer = Writer()
    texts = FrameTexts(writer)
    list(plain_stacks([SOME, SOME[:3] * 2], texts))
    assert writer.written == SOME


def test_texts_beyond_what_may_be_kept_are_written_again() -> None:
    writer = Writer()
    texts = FrameTexts(writer, max_kept_bytes=7)
    expected = [[str(place) for _, place in SOME]] * 2
    assert json.loads(b"".join(plain_stacks([SOME, SOME], texts))) == expected
    assert writer.written == SOME + SOME[2:]
    assert sum(map(len, texts.values())) <= 7


def test_counting_counts_every_frame_and_ends_when_it_is_enough() -> None:
    writer = Writer()
    texts = FrameTexts(writer)
    stacks = [SOME, SOME]
    assert texts.count_bytes(stacks, 10**6) == 2 * sum(len(f"{place}") + 2 for _, place in SOME)
    few = FrameTexts(writer := Writer())
    assert few.count_bytes(stacks, 10) > 10
    assert len(writer.written) < len(SOME)


@pytest.mark.parametrize(
    "stacks", [[], [[]], [[], []], [SOME[:1]], [SOME[:100]], [SOME[:101], [], SOME]]
)
def test_stacks_are_lists_of_texts_or_of_objects_with_their_place(
    stacks: Sequence[Sequence[Frame]],
) -> None:
    plain = json.loads(b"".join(plain_stacks(stacks, FrameTexts(Writer()))))
    assert plain == [[str(place) for _, place in stack] for stack in stacks]
    texts = FrameTexts(lambda frame: b'"of":%d}' % int(frame[1]))
    numbered = json.loads(b"".join(numbered_stacks(stacks, texts)))
    assert numbered == [
        [{"frame": at, "of": place} for at, (_, place) in enumerate(stack)] for stack in stacks
    ]


def test_no_piece_is_large() -> None:
    pieces = list(plain_stacks([SOME * 100], FrameTexts(Writer())))
    assert max(map(len, pieces)) < 1_000
