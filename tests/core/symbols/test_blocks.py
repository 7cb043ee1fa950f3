# SPDX-License-Identifier: MPL-2.0

import pytest
from tests.core.symbols.conftest import FILLER, STACK_LINE

from tecken.core.symbols.blocks import MAX_BLOCK_BYTES, MIN_BLOCK_BYTES, Block, BlockCutter

FUNCTIONS = b"".join(b"FUNC %x0 10 0 f%d\n%x0 10 1 1\n" % (n, n, n) for n in range(20_000))
STACK = STACK_LINE * (5 * MAX_BLOCK_BYTES // 2 // len(STACK_LINE))


def cut(*chunks: bytes) -> list[Block]:
    cutter = BlockCutter()
    blocks = [block for chunk in chunks for block in cutter.feed(chunk)]
    return [*blocks, *cutter.finish()]


def in_chunks(text: bytes, size: int) -> list[bytes]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize(
    "text", [b"", b"x", FUNCTIONS, STACK, b"y" * 600_000, FUNCTIONS + STACK + FILLER + FUNCTIONS]
)
def test_blocks_are_the_text_however_it_is_fed(text: bytes) -> None:
    blocks = cut(text)
    assert b"".join(block.text for block in blocks) == text
    for size in (5_000, MIN_BLOCK_BYTES, MAX_BLOCK_BYTES + 1):
        assert cut(*in_chunks(text, size)) == blocks


def test_a_block_ends_in_front_of_the_line_feed_before_a_record() -> None:
    first, *others = cut(FUNCTIONS)
    assert first.text.startswith(b"FUNC 00 ")
    assert all(block.text.startswith(b"\nFUNC ") for block in others)
    assert not any(block.continues for block in [first, *others])
    assert all(
        MIN_BLOCK_BYTES <= len(block.text) < MIN_BLOCK_BYTES + 99 for block in [first, *others[:-1]]
    )


@pytest.mark.parametrize(
    "record", [b"FUNC 1 1 0 f", b"PUBLIC 1 0 p", b"FILE 1 f", b"INLINE_ORIGIN 1 f"]
)
def test_every_indexed_record_may_begin_a_block(record: bytes) -> None:
    _, block = cut(FILLER + record)
    assert block.text == b"\n" + record


def test_names_may_stand_between_the_records_of_a_function() -> None:
    _, names, function = cut(
        b"FUNC 0 1 0 f" + b"x" * MIN_BLOCK_BYTES + b"\n" + FILLER + b"FUNC 1 1 0 g\n"
    )
    assert (names.continues, function.continues) == (True, False)


def test_text_without_records_is_cut_in_front_of_a_line_feed() -> None:
    blocks = cut(STACK)
    assert len(blocks) == 3
    assert all(len(block.text) <= MAX_BLOCK_BYTES + 8 for block in blocks)
    assert all(block.text.startswith(b"\nSTACK CFI") for block in blocks[1:])
    # A STACK record ends what belongs to a function.
    assert not any(block.continues for block in blocks)


def test_a_function_that_does_not_end_goes_on_in_the_next_block() -> None:
    lines = b"FUNC 0 fffff 0 huge\n" + b"10 10 1 1\n" * 60_000 + b"FUNC 1000000 1 0 next\n"
    blocks = cut(lines)
    assert [block.continues for block in blocks] == [False, True, True, False]
    assert blocks[1].text.startswith(b"\n10 10 1 1\n")
    assert blocks[3].text == b"\nFUNC 1000000 1 0 next\n"


def test_a_line_longer_than_a_block_is_cut_anywhere() -> None:
    blocks = cut(b"FUNC 0 1 0 " + b"n" * 600_000 + b"\nFUNC 1 1 0 g\n")
    assert [len(block.text) for block in blocks[:2]] == [MAX_BLOCK_BYTES] * 2
    assert [block.continues for block in blocks] == [False, True, True, False]


@pytest.mark.parametrize(("line", "continues"), [(b"\nSTACKED", True), (b"\nSTACK", False)])
def test_a_chunk_that_ends_behind_a_cut_changes_nothing(line: bytes, continues: bool) -> None:
    text = b"z" * MAX_BLOCK_BYTES + line + b"\n10 10 1 1" * 4
    for end in range(MAX_BLOCK_BYTES, len(text)):
        blocks = cut(text[:end], text[end:])
        assert [block.continues for block in blocks] == [False, continues]
