# SPDX-License-Identifier: MPL-2.0

"""The JSON of many frames, written chunk by chunk.

What is written of a frame is the same wherever its module and offset stand, so it is made once, and
kept for later answers. Beyond some size it is made again each time instead: an answer may be far
larger than what should lie in memory for it.

Most of a large answer's time is copying, and waiting for what was kept where no processor cache has
it: so each rendered frame is looked for once, all of a module together, and the chunks are joined by nobody before
they are sent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat

from tecken.core.symbolicate import Frame
from tecken.core.symbols.lookup import Offset, Symbol

_FRAMES_AT_ONCE = 100  # 100 KB of real frames; those of deep templates have some 10 KB each
# Of one answer: as many rendered frames as real stacks of 20,000 addresses have.
_KEPT_BYTES = 32 * 1024 * 1024

Stacks = Sequence[Sequence[Frame]]
Write = Callable[[Offset, Symbol | None], bytes]


class ByteBudget:
    """How many bytes of rendered frames an answer may still keep. Not safe to use from several threads."""

    def __init__(self, size: int = _KEPT_BYTES) -> None:
        self._left = size

    def take(self, size: int) -> bool:
        """Say whether so many bytes have room, and count them."""
        if size > self._left:
            return False
        self._left -= size
        return True


class RenderedModule(dict[Offset, bytes]):
    """The rendered frames of one module by offset, as they are written.

    ``next_kept`` gives those of earlier answers, or None, frame by frame in the order of the jobs. Not
    safe to use from several threads.
    """

    def __init__(
        self,
        write: Write,
        symbols: Mapping[int, Symbol | None],
        budget: ByteBudget,
        before: Sequence[bytes | None] = (),
    ) -> None:
        self.next_kept = chain(before, repeat(None)).__next__
        self._write = write
        self._symbols = symbols
        self._budget = budget
        self._new: dict[Offset, bytes] = {}

    def __missing__(self, offset: Offset) -> bytes:
        if isinstance(offset, str):
            return self._write(offset, None)
        symbol = self._symbols.get(offset)
        frame_json = self._write(offset, symbol)
        if self._budget.take(len(frame_json)):
            self[offset] = frame_json
            if symbol is not None:
                self._new[offset] = frame_json
        return frame_json

    def take_new(self) -> Mapping[Offset, bytes]:
        """Return what was written of symbols since this was called before."""
        new, self._new = self._new, {}
        return new


class RenderedStacks:
    """The rendered frames of a job. ``modules`` has one more, for frames in no module.

    Jobs that share modules must be made in their order: each takes what was kept of its frames.
    """

    def __init__(self, stacks: Stacks, modules: Sequence[RenderedModule]) -> None:
        self._stacks = stacks
        self._modules = modules
        next_kept = [rendered.next_kept for rendered in modules]
        self._rendered: list[Sequence[bytes | None]] = [
            [next_kept[index if index >= 0 else -1]() for index, _ in frames]
            for frames in self._frames()
        ]

    def count_bytes(self, enough: int) -> int:
        """Return how many bytes all rendered frames have; counting ends with the frame beyond ``enough``.

        The frames that were rendered for it are kept until they are sent, if they are not too large.
        """
        total = 0
        for position, frames in enumerate(self._frames()):
            rendered = self._rendered[position]
            if None in rendered:
                written: list[bytes] = []
                for frame_json in self._write_missing(frames, rendered):
                    total += len(frame_json)
                    if total > enough:
                        return total
                    written.append(frame_json)
                if total <= _KEPT_BYTES:
                    self._rendered[position] = written
            else:
                total += sum(map(len, rendered))  # type: ignore[arg-type]
                if total > enough:
                    return total
        return total

    def plain(self) -> Iterator[list[bytes]]:
        """Write a list of stacks, each a list of its rendered frames."""
        return self._write(_plain)

    def numbered(self) -> Iterator[list[bytes]]:
        """Write a list of stacks; a rendered frame is an object without its ``{``, and gets its position in front."""
        return self._write(_numbered)

    def _frames(self) -> Iterator[Sequence[Frame]]:
        """Yield all frames, some of one stack at a time."""
        for stack in self._stacks:
            for start in range(0, len(stack), _FRAMES_AT_ONCE):
                yield stack[start : start + _FRAMES_AT_ONCE]

    def _written(
        self, frames: Sequence[Frame], rendered: Sequence[bytes | None]
    ) -> Sequence[bytes]:
        """Return some frames as they are rendered, having written those that are None."""
        if None not in rendered:
            return rendered  # type: ignore[return-value]
        return [*self._write_missing(frames, rendered)]

    def _write_missing(
        self, frames: Sequence[Frame], rendered: Sequence[bytes | None]
    ) -> Iterator[bytes]:
        modules = self._modules
        for frame_json, (index, offset) in zip(rendered, frames, strict=True):
            yield frame_json or modules[index if index >= 0 else -1][offset]

    def _write(self, write: Callable[[int, Sequence[bytes]], list[bytes]]) -> Iterator[list[bytes]]:
        chunks = zip(self._frames(), self._rendered, strict=True)
        yield [b"["]
        for number, stack in enumerate(self._stacks):
            waiting = [b",[" if number else b"["]
            for start in range(0, len(stack), _FRAMES_AT_ONCE):
                waiting += write(start, self._written(*next(chunks)))
                if start + _FRAMES_AT_ONCE < len(stack):
                    yield waiting
                    waiting = []
            yield [*waiting, b"]"]
        yield [b"]"]


def _plain(start: int, rendered: Sequence[bytes]) -> list[bytes]:
    chunk = b",".join(rendered)
    return [b",", chunk] if start else [chunk]


def _numbered(start: int, rendered: Sequence[bytes]) -> list[bytes]:
    heads = _HEADS[start : start + len(rendered)]
    if len(heads) < len(rendered):
        heads = [_head(position) for position in range(start, start + len(rendered))]
    return list(chain.from_iterable(zip(heads, rendered, strict=True)))


def _head(position: int) -> bytes:
    """Begin the object of a frame, behind that of the frame before it."""
    return b',{"frame":%d,' % position if position else b'{"frame":0,'


_HEADS = [
    _head(position) for position in range(1_000)
]  # of nearly all frames: formatting costs more
