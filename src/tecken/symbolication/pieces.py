# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The JSON of many frames, written piece by piece.

A frame's text is the same wherever its module and offset stand, so it is made once for each. Beyond
some size it is made anew each time instead: an answer may be far larger than what should lie in
memory for it.
"""

from collections.abc import Callable, Iterator, Sequence

from tecken.core.symbolicate import Frame

_FRAMES_AT_ONCE = 100  # 100 KB of real frames; those of deep templates have some 10 KB each
_KEPT_BYTES = 32 * 1024 * 1024  # of one answer, in as many texts as real stacks of 20,000 addresses

Stacks = Sequence[Sequence[Frame]]


class FrameTexts(dict[Frame, bytes]):
    """The texts of frames, made by ``write`` when they are asked for, and kept while there is room.

    Not safe to use from several threads.
    """

    def __init__(self, write: Callable[[Frame], bytes], max_kept_bytes: int = _KEPT_BYTES) -> None:
        super().__init__()
        self._write = write
        self._room = max_kept_bytes

    def __missing__(self, frame: Frame) -> bytes:
        text = self._write(frame)
        if len(text) <= self._room:
            self._room -= len(text)
            self[frame] = text
        return text

    def count_bytes(self, stacks: Stacks, enough: int) -> int:
        """Return how many bytes the texts of all frames have; counting ends beyond ``enough``."""
        total = 0
        for stack in stacks:
            for start in range(0, len(stack), _FRAMES_AT_ONCE):
                total += sum(len(self[frame]) for frame in stack[start : start + _FRAMES_AT_ONCE])
                if total > enough:
                    return total
        return total


def plain_stacks(stacks: Stacks, texts: FrameTexts) -> Iterator[bytes]:
    """Write a list of stacks, each a list of the texts of its frames."""
    return _stacks(stacks, lambda start, frames: map(texts.__getitem__, frames))


def numbered_stacks(stacks: Stacks, texts: FrameTexts) -> Iterator[bytes]:
    """Write a list of stacks; a text is an object without its ``{``, and gets its place in front."""
    return _stacks(
        stacks,
        lambda start, frames: (
            b'{"frame":%d,%s' % (place, texts[frame]) for place, frame in enumerate(frames, start)
        ),
    )


def _stacks(
    stacks: Stacks, write: Callable[[int, Sequence[Frame]], Iterator[bytes]]
) -> Iterator[bytes]:
    yield b"["
    for number, stack in enumerate(stacks):
        yield b",[" if number else b"["
        for start in range(0, len(stack), _FRAMES_AT_ONCE):
            piece = b",".join(write(start, stack[start : start + _FRAMES_AT_ONCE]))
            yield b"," + piece if start else piece
        yield b"]"
    yield b"]"
