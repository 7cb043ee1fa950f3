# SPDX-License-Identifier: MPL-2.0

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.core.symbols.conftest import (
    FILLER,
    STACK_LINE,
    Stored,
    look_up,
    names_at,
    seekable,
    table_of,
)

from tecken.core.errors import MalformedSymbolFileError, UnsupportedSymbolFileError
from tecken.core.symbols import index as index_module
from tecken.core.symbols import lookup_limits as limits_module
from tecken.core.symbols import table as table_module
from tecken.core.symbols.blocks import MAX_BLOCK_BYTES
from tecken.core.symbols.functions import MAX_FUNCTION_BYTES
from tecken.core.symbols.lookup import InlineCall, ReadLog, Symbol
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.table import BreakpadTable

# A function in a function in a function, as a compiler inlines them.
INLINED = b"""MODULE Linux x86_64 ABC a.so
FILE 0 main.c
FILE 1 middle.h
FILE 2 inner.h
INLINE_ORIGIN 7 middle()
INLINE_ORIGIN 8 inner()
FUNC 1000 40 0 main()
INLINE 0 10 0 7 1000 8 1010 10
INLINE 1 20 1 8 1014 4
1000 8 21 1
1008 8 11 0
1010 8 30 2
1018 8 22 1
1020 8 0 0
1028 8 12 99
PUBLIC 2000 0 _start
"""
INLINED_IN_BLOCKS = INLINED.replace(b"\nF", b"\n" + FILLER + b"F").replace(
    b"\nINLINE_O", b"\n" + FILLER + b"INLINE_O"
)

WITH_0X = re.sub(rb"\b([12][0-9a-f]{3}) (\d+)", rb"0x\1 0X\2", INLINED)

inlined = pytest.mark.parametrize(
    "text",
    [INLINED, INLINED.replace(b"\n", b"\r\r\n"), INLINED.rstrip(), INLINED_IN_BLOCKS, WITH_0X],
    ids=["LF", "CRCRLF", "no end", "many blocks", "with 0x"],
)


@inlined
def test_the_symbol_is_the_last_that_starts_at_or_below_the_address(text: bytes) -> None:
    found = names_at(text, 0, 0xFFF, 0x1000, 0x103F, 0x1040, 0x1FFF, 0x2000, 2**64 - 1)
    assert found == [None, None, "main()", "main()", "main()", "main()", "_start", "_start"]


@inlined
def test_an_address_has_the_file_and_line_of_its_line_record(text: bytes) -> None:
    assert look_up(text, 0x100F) == [Symbol("main()", 0xF, 0x40, "main.c", 11)]


@inlined
def test_a_call_site_belongs_to_the_caller_and_the_line_record_to_the_innermost(
    text: bytes,
) -> None:
    middle = InlineCall("middle()", "middle.h", 20)
    assert look_up(text, 0x1000, 0x1014) == [
        Symbol("main()", 0, 0x40, "main.c", 10, (InlineCall("middle()", "middle.h", 21),)),
        Symbol("main()", 0x14, 0x40, "main.c", 10, (InlineCall("inner()", "inner.h", 30), middle)),
    ]


@inlined
def test_line_number_0_means_unknown(text: bytes) -> None:
    assert look_up(text, 0x1020) == [Symbol("main()", 0x20, 0x40, "main.c", None)]


@inlined
def test_without_a_file_record_file_and_line_are_unknown(text: bytes) -> None:
    assert look_up(text, 0x1028) == [Symbol("main()", 0x28, 0x40)]


@inlined
def test_there_is_no_line_where_no_record_covers_the_address_nor_behind_the_function(
    text: bytes,
) -> None:
    assert look_up(text, 0x1030, 0x1041, 0x2010) == [
        Symbol("main()", 0x30, 0x40),
        Symbol("main()", 0x41, 0x40),
        Symbol("_start", 0x10),
    ]


@inlined
def test_addresses_are_answered_in_the_order_in_which_they_are_asked(text: bytes) -> None:
    one_by_one = [look_up(text, address)[0] for address in (0x2000, 0x1014, 0, 0x1014)]
    assert look_up(text, 0x2000, 0x1014, 0, 0x1014) == one_by_one


def test_an_inlined_function_without_a_name_or_a_place_is_given_as_far_as_it_is_known() -> None:
    text = b"FUNC 10 10 0 f\nINLINE 0 5 9 9 10 10\nINLINE 1 0 0 1 10 10\nFILE 0 a.c\n"
    assert look_up(text, 0x10) == [
        Symbol(
            "f", 0, 16, None, None, (InlineCall(None, None, None), InlineCall(None, "a.c", None))
        )
    ]


@pytest.mark.parametrize("filler", [b"", FILLER])
def test_func_beats_public_and_the_first_func_beats_later_ones(filler: bytes) -> None:
    text = filler.join(
        [b"PUBLIC 10 0 p\n", b"FUNC m 10 8 0 first\n", b"FUNC 10 20 0 second\n", b"PUBLIC 20 0 q\n"]
    )
    assert names_at(text, 0x10, 0x1F, 0x20) == ["first", "first", "q"]
    assert look_up(text, 0x19) == [Symbol("first", 9, 8)]


@pytest.mark.parametrize("filler", [b"", FILLER])
def test_symbols_may_come_in_any_order(filler: bytes) -> None:
    order = [7, 2, 9, 4, 1, 8, 3, 6, 5]
    records = [
        b"FUNC %x0 8 0 f%d\n%x0 8 %d 4000000\n" % (n, n, n, n)
        if n % 3
        else b"PUBLIC %x0 0 f%d\n" % (n, n)
        for n in order
    ]
    text = FILLER + filler.join(records)
    addresses = [16 * n + offset for n in range(1, 10) for offset in (0, 7, 15)]
    found = look_up(text, *addresses)
    assert [symbol and symbol.function for symbol in found] == [f"f{a // 16}" for a in addresses]
    assert [symbol and symbol.line for symbol in found] == [
        a // 16 if a // 16 % 3 and a % 16 < 8 else None for a in addresses
    ]


@pytest.mark.parametrize("filler", [b"", FILLER])
def test_a_name_may_be_defined_behind_its_use_and_the_last_definition_counts(filler: bytes) -> None:
    text = filler.join([b"FILE 3 old\n", b"FUNC 10 10 0 f\n10 10 1 3\n", b"FILE 3 new\n"])
    assert look_up(text, 0x10) == [Symbol("f", 0, 16, "new", 1)]


def test_a_function_may_start_at_the_last_address_and_reach_beyond_it() -> None:
    text = b"FILE 1 a.c\nFUNC ffffffffffffffff ffffffffffffffff 0 f\nffffffffffffffff 2 9 1\n"
    assert look_up(text, 2**64 - 1, 2**64 - 2) == [Symbol("f", 0, 2**64 - 1, "a.c", 9), None]


def test_names_are_given_as_recorded() -> None:
    text = b"FUNC 10 1 0  a <b> \xff\tc \r\nFUNC 20 1 0\nFUNC 30 1 0 \nPUBLIC m 40 0 m 5 6\n"
    assert names_at(text, 0x10, 0x20, 0x30, 0x40) == [" a <b> \ufffd\tc ", "", "", "m 5 6"]


def test_records_that_cannot_be_read_spoil_nothing() -> None:
    text = b"FUNC\nFUNC 20 x 0 bad\nFILE 1 a.c\nFUNC 10 20 0 f\njunk\n10 8 1 1\n18 zz 2 1\n20 8 3 1\n\xff"
    assert look_up(text, 0x10, 0x18, 0x20) == [
        Symbol("f", 0, 32, "a.c", 1),
        Symbol("f", 8, 32),
        Symbol("f", 16, 32, "a.c", 3),
    ]


@pytest.mark.parametrize("end", [b"FUNC\n", b"PUBLIC x\n", b"STACK CFI 10\n", b"STACK\r\n"])
def test_records_behind_another_kind_of_record_belong_to_no_function(end: bytes) -> None:
    text = b"FILE 1 a.c\nFUNC 10 20 0 f\n10 8 1 1\n" + end + b"18 8 2 1\n"
    assert look_up(text, 0x18) == [Symbol("f", 8, 32)]


def test_records_of_a_function_count_only_inside_its_size() -> None:
    text = b"FILE 1 a.c\nINLINE_ORIGIN 1 o\nFUNC 10 8 0 f\nINLINE 0 5 1 1 0 ff\n0 ff 1 1\n"
    inside, behind = look_up(text, 0x17, 0x18)
    assert inside == Symbol("f", 7, 8, "a.c", 5, (InlineCall("o", "a.c", 1),))
    assert behind == Symbol("f", 8, 8)


def lines(count: int) -> bytes:
    return b"".join(b"%x 8 %d 1\n" % (0x10 + 8 * n, n + 1) for n in range(count))


@pytest.mark.parametrize("count", [20_000, 60_000])
@pytest.mark.parametrize(
    "following",
    [b"", b"FUNC ffffff0 1 0 next\n", b"STACK CFI 1\n", b"PUBLIC ffffff0 0 p\n", b"FILE 2 b.c\n"],
)
def test_a_function_may_go_on_over_several_blocks(following: bytes, count: int) -> None:
    text = b"FILE 1 a.c\nFUNC 10 ffffff 0 huge\n" + lines(count) + following
    table = table_of(text)
    assert sum(table.index.table.continues) >= len(text) // MAX_BLOCK_BYTES
    for position in (0, 1, count // 2, count - 2, count - 1):
        [symbol] = table.lookup([0x10 + 8 * position], ReadLog())
        assert symbol == Symbol("huge", 8 * position, 0xFFFFFF, "a.c", position + 1)


def test_what_follows_a_huge_function_in_its_last_block_is_not_its_own() -> None:
    huge = b"FILE 1 a.c\nFUNC 10 ffffff 0 huge\n" + lines(20_000)
    for following in (b"STACK CFI 1\n", b"FUNC fffffff 1 0 next\n", b"PUBLIC fffffff 0 p\n"):
        assert look_up(huge + following + b"800000 8 7 1\n", 0x800000) == [
            Symbol("huge", 0x7FFFF0, 0xFFFFFF)
        ]


def test_the_last_function_may_be_huge_and_end_without_a_line_feed() -> None:
    text = b"FILE 1 a.c\nFUNC 10 ffffff 0 huge\n" + lines(40_000).rstrip()
    [symbol] = look_up(text, 0x10 + 8 * 39_999)
    assert symbol == Symbol("huge", 8 * 39_999, 0xFFFFFF, "a.c", 40_000)


def test_names_may_stand_between_the_records_of_a_function() -> None:
    text = b"FUNC 10 20 0 f\n10 8 1 4000000\n" + FILLER * 3 + b"18 8 2 5\nFILE 5 b.c\n20 8 3 5\n"
    assert [symbol and symbol.line for symbol in look_up(text, 0x10, 0x18, 0x20)] == [1, 2, 3]


def test_a_huge_name_is_cut_and_what_follows_is_found() -> None:
    text = b"FUNC 10 20 0 " + b"n" * 600_000 + b"\n10 8 1 1\nFILE 1 a.c\nFUNC 30 1 0 next\n"
    [huge, following] = look_up(text, 0x10, 0x30)
    assert huge is not None
    assert (set(huge.function), huge.file, huge.line) == ({"n"}, "a.c", 1)
    assert following == Symbol("next", 0, 1)


def test_of_a_function_beyond_the_limit_only_the_beginning_is_read() -> None:
    count = MAX_FUNCTION_BYTES // 12
    text = b"FILE 1 a.c\nFUNC 10 fffffff 0 huge\n" + lines(count) + b"PUBLIC fffffff0 0 p\n"
    log = ReadLog()
    first, last = table_of(text).lookup([0x10, 0x10 + 8 * (count - 1)], log)
    assert first == Symbol("huge", 0, 0xFFFFFFF, "a.c", 1)
    assert last == Symbol("huge", 8 * (count - 1), 0xFFFFFFF)
    assert log.storage.text_bytes <= MAX_FUNCTION_BYTES + MAX_BLOCK_BYTES


MANY = b"".join(
    b"FUNC %x0 10 0 f%d\n%x0 10 %d %d\nFILE %d file%d.c\n" % (n, n, n, n + 1, n, n, n)
    for n in range(1, 20_000)
)


def test_a_lookup_reads_little_and_only_once() -> None:
    stored, index = seekable(MANY)
    table = BreakpadTable(index, BlockReader(index, Stored(stored)))
    log = ReadLog()
    table.lookup([0x10 * 10_000], log)
    assert (log.storage.count, log.cache.count) == (2, 0)
    assert log.storage.stored_bytes < len(stored) // 10
    table.lookup([0x10 * 10_000] * 3, log)
    assert log.storage.count == 2


def test_a_function_that_was_not_asked_for_before_is_read_in_a_block_that_was() -> None:
    text = b"FUNC 10 8 0 f\n10 8 1 1\nFUNC 20 8 0 g\n20 8 2 1\nFILE 1 a.c\n"
    table = table_of(text)
    assert table.lookup([0x10], ReadLog()) == [Symbol("f", 0, 8, "a.c", 1)]
    assert table.lookup([0x20, 0x14], ReadLog()) == [
        Symbol("g", 0, 8, "a.c", 2),
        Symbol("f", 4, 8, "a.c", 1),
    ]


def test_what_was_read_counts_until_it_is_forgotten() -> None:
    table = table_of(MANY)
    log = ReadLog()
    bare = table.memory_bytes
    answer = table.lookup([0x10 * 10_000], log)
    assert table.memory_bytes > bare > 0
    table.forget()
    assert table.memory_bytes == bare
    assert table.lookup([0x10 * 10_000], log) == answer
    assert log.storage.count == 4


def test_what_an_address_is_answered_is_kept_for_its_neighbours() -> None:
    table = table_of(INLINED)
    table.lookup([0x1000, 0x1008], ReadLog())
    kept = table.memory_bytes
    assert table.lookup([0x1003], ReadLog()) == look_up(INLINED, 0x1003)
    assert table.memory_bytes == kept
    assert table.lookup([0x1014], ReadLog()) == look_up(INLINED, 0x1014)
    assert table.memory_bytes > kept


def test_a_lookup_of_very_many_blocks_drops_what_is_too_much_between_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    addresses = [16 * n + 3 for n in range(1, 20_000, 97)]
    at_once, in_steps = table_of(MANY), table_of(MANY)
    expected = at_once.lookup(addresses, ReadLog())
    # The real part that is missing is a file of more than 16 MB, of which all is asked for.
    monkeypatch.setattr(table_module, "_BLOCKS_AT_ONCE", 2)
    monkeypatch.setattr(table_module, "_SMALL_BYTES", 1_000)
    monkeypatch.setattr(limits_module, "_MAX_KEPT_BYTES", 1_000)
    assert in_steps.lookup(addresses, ReadLog()) == expected
    assert in_steps.memory_bytes < at_once.memory_bytes / 2


@pytest.mark.parametrize("text", [b"", b"x", INLINED[: INLINED.index(b"FUNC")], STACK_LINE * 9])
def test_a_file_without_func_and_public_is_malformed(text: bytes) -> None:
    with pytest.raises(MalformedSymbolFileError, match="no FUNC and no PUBLIC record"):
        look_up(text, 0x10)


def test_a_file_with_too_many_records_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    # The real part that is missing is a file of the real limit, which takes seconds to make.
    monkeypatch.setattr(index_module, "MAX_INDEXED_RECORDS", 2)
    with pytest.raises(UnsupportedSymbolFileError, match="more than 2 symbols and names"):
        look_up(INLINED, 0x1000)


def test_several_threads_may_look_up_while_another_forgets() -> None:
    table = table_of(MANY)
    addresses = [16 * n + 3 for n in range(1, 20_000, 97)]
    expected = table_of(MANY).lookup(addresses, ReadLog())
    done = threading.Event()

    def forget() -> None:
        while not done.is_set():
            table.forget()

    def ask(shift: int) -> bool:
        turned = addresses[shift:] + addresses[:shift]
        answers = [table.lookup(turned, ReadLog()) for _ in range(5)]
        return all(answer[-shift:] + answer[:-shift] == expected for answer in answers)

    with ThreadPoolExecutor(4) as pool:
        forgetting = pool.submit(forget)
        try:
            assert list(pool.map(ask, [1, 50, 100])) == [True] * 3
        finally:
            done.set()
    forgetting.result()
