# SPDX-License-Identifier: MPL-2.0

"""The JSON of many frames, chunk by chunk."""

import json
from collections.abc import Iterable, Sequence
from itertools import chain

import pytest

from tecken.core.symbolicate import Frame
from tecken.core.symbols.lookup import Offset, Symbol
from tecken.symbolication import frames_json
from tecken.symbolication.frames_json import ByteBudget, RenderedModule, RenderedStacks
from tecken.symbolication.rendered_cache import RenderedFrames

SOME: list[Frame] = [(0, position) for position in range(250)]


class Written:
    """The rendered of one module, of which every address has a symbol, and what was written."""

    def __init__(
        self, kept: RenderedFrames | None = None, budget: ByteBudget | None = None
    ) -> None:
        self.offsets: list[Offset] = []
        self.kept = kept or RenderedFrames()
        self.budget = budget or ByteBudget()

    def write(self, offset: Offset, symbol: Symbol | None) -> bytes:
        self.offsets.append(offset)
        return b'"%d"' % offset if symbol and isinstance(offset, int) else b'"?"'

    def stacks(self, *stacks: Sequence[Frame]) -> RenderedStacks:
        [rendered] = self.jobs(stacks)
        return rendered

    def jobs(self, *jobs: Sequence[Sequence[Frame]]) -> list[RenderedStacks]:
        frames = chain.from_iterable(chain.from_iterable(jobs))
        offsets = [offset for index, offset in frames if index == 0]
        symbols = {position: Symbol(f"f{position}", 0) for position in range(250)}
        before = self.kept.find("v0 a", offsets)
        self.rendered = RenderedModule(self.write, symbols, self.budget, before)
        in_none = RenderedModule(self.write, {}, ByteBudget())
        return [RenderedStacks(stacks, [self.rendered, in_none]) for stacks in jobs]

    def keep(self) -> None:
        self.kept.keep("v0 a", self.rendered.take_new())


def joined(chunks: Iterable[Sequence[bytes]]) -> bytes:
    return b"".join(chain.from_iterable(chunks))


def test_a_frame_is_written_once_however_often_it_stands() -> None:
    written = Written()
    list(written.stacks(SOME, SOME[:3] * 2).plain())
    assert written.offsets == [offset for _, offset in SOME]


def test_what_was_kept_for_later_answers_is_not_written_again() -> None:
    first = Written()
    answer = list(first.stacks(SOME).plain())
    first.keep()
    second = Written(first.kept)
    assert list(second.stacks(SOME).plain()) == answer
    assert second.offsets == []


def test_what_was_kept_stands_where_it_belongs_beside_what_is_written_now() -> None:
    first = Written()
    list(first.stacks(SOME[10:130]).plain())
    first.keep()
    second = Written(first.kept)
    jobs = [[[(-1, 200), *SOME[:20]], [(0, "15"), (0, 12)]], [SOME, [(-7, 1)], SOME[:12]]]
    written = [json.loads(joined(rendered.plain())) for rendered in second.jobs(*jobs)]
    assert written == [
        [
            [str(position) if index == 0 and position != "15" else "?" for index, position in stack]
            for stack in stacks
        ]
        for stacks in jobs
    ]
    assert not {*range(10, 130)} & {*second.offsets}


def test_only_symbols_are_kept_for_later_answers() -> None:
    written = Written()
    list(written.stacks([(0, 1), (0, 10**6), (0, "1.5"), (-1, 7)]).plain())
    written.keep()
    assert written.kept.find("v0 a", [1, 10**6, "1.5"]) == [b'"1"', None, None]


def test_texts_beyond_what_may_be_kept_are_written_again() -> None:
    written = Written(budget=ByteBudget(7))
    expected = [[str(position) for _, position in SOME]] * 2
    assert json.loads(joined(written.stacks(SOME, SOME).plain())) == expected
    offsets = [offset for _, offset in SOME]
    assert written.offsets == offsets + offsets[2:]
    written.keep()
    kept = written.kept.find("v0 a", range(250))
    assert sum(len(frame_json or b"") for frame_json in kept) <= 7


def test_what_was_counted_is_not_looked_for_again_unless_it_is_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The real limit would take an answer of 32 MB.
    size = Written().stacks(SOME).count_bytes(10**6)
    for limit, written_again in ((size, 0), (size - 1, 50)):
        monkeypatch.setattr(frames_json, "_KEPT_BYTES", limit)
        written = Written(budget=ByteBudget(0))
        stacks = written.stacks(SOME)
        assert stacks.count_bytes(10**6) == size
        assert json.loads(joined(stacks.plain())) == [[str(position) for _, position in SOME]]
        assert len(written.offsets) == len(SOME) + written_again


def test_counting_counts_every_frame_and_ends_when_it_is_enough() -> None:
    bytes_of_all = 2 * sum(len(f"{position}") + 2 for _, position in SOME)
    assert Written().stacks(SOME, SOME).count_bytes(10**6) == bytes_of_all
    few = Written()
    assert few.stacks(SOME, SOME).count_bytes(10) > 10
    assert len(few.offsets) < len(SOME)


@pytest.mark.parametrize("index", [-1, -2, -(10**9)])
def test_a_negative_index_means_in_no_module(index: int) -> None:
    [[frame_json]] = json.loads(joined(Written().stacks([(index, 3)]).plain()))
    assert frame_json == "?"


@pytest.mark.parametrize(
    "stacks", [[], [[]], [[], []], [SOME[:1]], [SOME[:100]], [SOME[:101], [], SOME]]
)
def test_stacks_are_lists_of_texts_or_of_objects_with_their_place(
    stacks: Sequence[Sequence[Frame]],
) -> None:
    plain = json.loads(joined(Written().stacks(*stacks).plain()))
    assert plain == [[str(position) for _, position in stack] for stack in stacks]
    objects = RenderedModule(lambda offset, _: b'"of":%d}' % int(offset), {}, ByteBudget())
    numbered = json.loads(joined(RenderedStacks(stacks, [objects]).numbered()))
    assert numbered == [
        [{"frame": at, "of": position} for at, (_, position) in enumerate(stack)]
        for stack in stacks
    ]


def test_no_chunk_is_large() -> None:
    chunks = list(Written().stacks(SOME * 100).plain())
    assert max(len(b"".join(some)) for some in chunks) < 1_000
