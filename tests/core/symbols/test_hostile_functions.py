# SPDX-License-Identifier: MPL-2.0

"""Functions whose records were written to cost as much as they can."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Barrier
from time import process_time, thread_time

import pytest
from tests.core.symbols.conftest import look_up, table_of

from tecken.core.errors import LimitExceededError
from tecken.core.symbols.calls import inlined_calls
from tecken.core.symbols.functions import MAX_FUNCTION_BYTES, FunctionRecords
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.lookup_limits import LookupLimits, unlimited
from tecken.core.symbols.range_table import RangeTable
from tecken.core.symbols.records import (
    MAX_NEST_LEVELS,
    MAX_RANGES,
    parse_usual_inlines,
    parse_usual_lines,
    split_usual,
)

MEGABYTE = 1024 * 1024
START, END = 0x1000, 0x100000
HEAD = b"MODULE Linux x86_64 0 hostile\nFILE 0 a.c\nINLINE_ORIGIN 0 inlined\nFUNC 1000 ff000 0 f\n"


def lines(count: int) -> bytes:
    return b"".join(b"%x 1 %d 0\n" % (START + number, number + 1) for number in range(count))


def nested(levels: int) -> bytes:
    return b"".join(b"INLINE %d 7 0 0 1000 ff000\n" % level for level in range(levels))


# Texts of some 25 bytes for each that is counted.
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "equal records": lambda count: b"INLINE 0 7 0 0 1000 ff000\n" * count,
    "equal ranges": lambda count: b"INLINE 0 7 0 0" + b" 1000 ff000" * (2 * count) + b"\n",
    "tiny ranges": lambda count: b"INLINE 0 7 0 0" + b" 0 9" * (6 * count) + b"\n",
    "a range without its size": lambda count: b"INLINE 0 7 0 0 " + b" 0 9" * (6 * count) + b" 1\n",
    "tiny lines": lambda count: b"1 9 1 0\n" * (4 * count),
    "lines in the wrong order": lambda count: b"".join(
        b"%016x 2 7 0\n" % (START + 2 * number) for number in range(count, 0, -1)
    ),
    "a staircase": lambda count: b"".join(
        b"INLINE 0 7 0 0 %x 80000\n" % (START + number) for number in range(count)
    ),
    "deep": nested,
    "not nested": lambda count: b"".join(
        b"INLINE %d 7 0 0 %x 800\n" % (number % 250, START + number) for number in range(count)
    ),
}
BEYOND_A_MEGABYTE = 50_000  # and so it is read record by record


@cache
def hostile(form: str) -> bytes:
    """Return a text of nearly all the bytes that a function may have."""
    return HOSTILE[form](150_000)[: MAX_FUNCTION_BYTES - 1]


@pytest.mark.parametrize("form", HOSTILE)
def test_a_hostile_function_is_parsed_once_and_then_searched(form: str) -> None:
    table = table_of(HEAD + HOSTILE[form](BEYOND_A_MEGABYTE) + lines(4_000))
    began = thread_time()
    table.lookup([START + 1], ReadLog())
    first = thread_time() - began
    for number in range(20):
        table.lookup(range(START + number, START + 4_000, 20), ReadLog())
        # To look at each record for each of these 4,000 addresses would take an hour.
        assert thread_time() - began < 20 * max(first, 0.5)


def peak_bytes() -> int:
    """Return the most memory that this process has had resident since its peak was reset."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.parametrize("form", HOSTILE)
def test_parsing_a_hostile_function_takes_bounded_memory(form: str) -> None:
    body = b"\n" + (hostile(form) + lines(4_000))[: MAX_FUNCTION_BYTES - 1]
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = peak_bytes()
    FunctionRecords(body, START, END, unlimited()).at([START + 1, START + 2])
    assert peak_bytes() - before < 150 * MEGABYTE


@pytest.mark.parametrize("form", HOSTILE)
def test_parsing_a_hostile_function_ends_when_the_time_is_over(form: str) -> None:
    body = b"\n" + hostile(form)
    limits = LookupLimits(max_seconds=0.05)
    began = thread_time()
    with limits.counted() as meter:
        try:
            FunctionRecords(body, START, END, meter)
        except LimitExceededError:
            pass  # the records of some are read in less time than that
    assert thread_time() - began < 2


def test_the_time_is_looked_at_while_one_function_is_parsed() -> None:
    body = b"\n" + HOSTILE["lines in the wrong order"](2 * BEYOND_A_MEGABYTE)
    began = thread_time()
    FunctionRecords(body, START, END, unlimited())
    whole = thread_time() - began
    limits = LookupLimits(max_seconds=whole / 20)
    began = thread_time()
    with pytest.raises(LimitExceededError), limits.counted() as meter:
        FunctionRecords(body, START, END, meter)
    assert thread_time() - began < whole / 2


def test_a_large_function_is_read_as_a_small_one() -> None:
    count = 25_000
    inlines = b"".join(
        b"\nINLINE %d %d 1 %d %x 4" % (level, number, number, START + 8 * number)
        for number in range(count)
        for level in (0, 1)
    )
    body = inlines + b"\n" + lines(count)
    assert len(body) > MEGABYTE
    usual = split_usual(body)
    assert usual is not None
    calls = inlined_calls(parse_usual_inlines(usual.inlines, START, END))
    of_lines = RangeTable(*parse_usual_lines(usual.lines))
    addresses = range(START, START + 8 * count, 36)
    for address, found in zip(
        addresses, FunctionRecords(body, START, END, unlimited()).at(addresses), strict=True
    ):
        line = of_lines.at(address)
        assert found.line == (line and (int(line[0]), int(line[1])))
        assert found.calls == tuple(calls.at(address))


def test_calls_beyond_the_deepest_nest_level_are_left_out() -> None:
    for levels in (MAX_NEST_LEVELS, MAX_NEST_LEVELS + 1, BEYOND_A_MEGABYTE):
        symbols = look_up(HEAD + nested(levels) + lines(4), START, START + 1)
        symbols += look_up(HEAD + nested(levels) + lines(4), START)
        for symbol in symbols:
            assert symbol is not None
            assert len(symbol.inlines) == MAX_NEST_LEVELS
            assert (symbol.file, symbol.line) == ("a.c", 7)


def test_calls_of_a_callee_that_many_addresses_share_are_one_object() -> None:
    symbols = look_up(HEAD + nested(200) + lines(1_000), *range(START, START + 1_000))
    calls = {id(call) for symbol in symbols if symbol for call in symbol.inlines}
    assert sum(len(symbol.inlines) for symbol in symbols if symbol) == 200 * 1_000
    assert len(calls) < 1_000 + 200


def test_ranges_beyond_the_most_are_not_read() -> None:
    body = b"\n" + HOSTILE["tiny ranges"](BEYOND_A_MEGABYTE)
    assert body.count(b" 0 9") > MAX_RANGES
    function = FunctionRecords(body, 0, 16, unlimited())
    assert function.memory_bytes <= 800 + 200 * MAX_RANGES


def test_threads_that_want_the_same_large_function_have_it_parsed_once() -> None:
    text = HEAD + HOSTILE["lines in the wrong order"](20_000)
    alone = table_of(text)
    began = process_time()
    alone.lookup([START + 2, START + 4], ReadLog())
    once = process_time() - began
    table, meeting = table_of(text), Barrier(8)  # none waits long: they parse when all have come

    def ask(number: int) -> None:
        meeting.wait(30)
        table.lookup([START + 2 * number, START + 4], ReadLog())

    began = process_time()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(1, 9)))
    assert process_time() - began < 4 * once
