# SPDX-License-Identifier: MPL-2.0

from collections.abc import Sequence

import pytest
from tests.core.symbols.conftest import FILLER

from tecken.core.symbols import index as index_module
from tecken.core.symbols.blocks import Block
from tecken.core.symbols.index import IndexBuilder, SymbolIndex
from tecken.core.symbols.records import SymbolFileHead

NO_HEAD = SymbolFileHead(None, None, None, None)


def index_of(texts: Sequence[bytes], continues: Sequence[bool] = ()) -> SymbolIndex:
    builder = IndexBuilder()
    for number, text in enumerate(texts):
        block = Block(text, number < len(continues) and continues[number])
        builder.add(block, stored_size=100 + number)
    return builder.build(
        object_id="id", head=NO_HEAD, encoding="gzip", first_offset=10, object_size=1000
    )


def block_of(index: SymbolIndex, address: int) -> int | None:
    run = index.symbols.run_of(address)
    return index.symbols.blocks[run] if run >= 0 else None


def test_symbols_in_order_take_one_entry_per_block() -> None:
    index = index_of([b"FUNC 10 1 0 a\nFUNC 20 1 0 b", b"\nPUBLIC 30 0 c\nFUNC 40 1 0 d"])
    assert list(index.symbols.keys) == [0x10, 0x30]
    assert list(index.symbols.blocks) == [0, 1]


def test_symbols_may_come_in_any_order_and_lie_between_each_other() -> None:
    index = index_of(
        [b"FUNC 50 1 0 e\nFUNC 10 1 0 a", b"\nFUNC 30 1 0 c\nPUBLIC 40 0 d\nPUBLIC 60 0 f"]
    )
    assert list(index.symbols.keys) == [0x10, 0x30, 0x50, 0x60]
    found = [
        block_of(index, address) for address in (0xF, 0x10, 0x2F, 0x30, 0x4F, 0x50, 0x60, 2**64)
    ]
    assert found == [None, 0, 0, 1, 1, 0, 1, 1]


@pytest.mark.parametrize(
    ("texts", "block"),
    [
        ([b"PUBLIC 10 0 p", b"\nFUNC 10 1 0 f"], 1),
        ([b"FUNC 10 1 0 f", b"\nPUBLIC 10 0 p"], 0),
        ([b"FUNC 10 1 0 f", b"\nFUNC 10 1 0 g"], 0),
        ([b"PUBLIC 10 0 p", b"\nPUBLIC m 10 0 q"], 0),
    ],
)
def test_of_symbols_at_one_address_func_beats_public_and_then_the_first_wins(
    texts: list[bytes], block: int
) -> None:
    index = index_of([*texts, b"\nFUNC 20 1 0 next"])
    assert [block_of(index, address) for address in (0x10, 0x1F, 0x20)] == [block, block, 2]


def test_a_name_that_is_defined_again_counts_as_the_last() -> None:
    index = index_of([b"FILE 1 a\nFILE 2 b", b"\nFILE 1 c\nINLINE_ORIGIN 1 o", b"\nFILE 3 d"])
    found = [index.files.blocks[index.files.run_of(number)] for number in (1, 2, 3)]
    assert found == [1, 0, 2]
    assert index.files.run_of(0) == -1
    assert list(index.origins.keys) == [1]


def test_the_largest_numbers_fit() -> None:
    index = index_of([b"FUNC 0 1 0 a", b"\nFUNC ffffffffffffffff 1 0 z\nFILE 4294967295 f"])
    assert [block_of(index, address) for address in (0, 2**64 - 2, 2**64 - 1)] == [0, 0, 1]
    assert list(index.files.keys) == [2**32 - 1]


def test_records_that_cannot_be_read_are_counted_and_spoil_nothing() -> None:
    index = index_of(
        [
            b"FUNC 1\nPUBLIC x 0 p\nFILE 4294967296 a\nFILE 1 b\nINLINE_ORIGIN y o\nFUNC 10 1 0 f\nodd"
        ]
    )
    assert index.unreadable_records == 4
    assert (list(index.symbols.keys), list(index.files.keys)) == ([0x10], [1])


def test_only_the_first_block_may_begin_without_a_line_feed() -> None:
    index = index_of([b"FUNC 10 1 0 f", b"FUNC 20 1 0 is the rest of a longer line"])
    assert list(index.symbols.keys) == [0x10]


def test_the_block_table_tells_where_each_block_lies() -> None:
    index = index_of([FILLER, b"", b"\nFUNC 1 1 0 f"], [False, True, False])
    assert index.table.offsets == [10, 110, 211, 313]
    assert list(index.table.text_sizes) == [len(FILLER), 0, 13]
    assert list(index.table.continues) == [0, 1, 0]
    assert index.text_size == len(FILLER) + 13


def test_a_file_with_too_many_records_gets_an_index_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The real part that is missing is a file of the real limit, which takes seconds to make.
    monkeypatch.setattr(index_module, "MAX_INDEXED_RECORDS", 3)
    texts = [b"FUNC 1 1 0 f\nPUBLIC 2 0 p\nFILE 1 f", b"\nINLINE_ORIGIN 1 o", b"\nFUNC 3 1 0 g"]
    assert index_of(texts[:1]).unsupported is None
    index = index_of(texts)
    assert index.unsupported == "more than 3 symbols and names"
    assert not index.symbols.keys
    assert len(index.table) == 3
