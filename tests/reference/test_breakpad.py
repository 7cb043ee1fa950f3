# SPDX-License-Identifier: MPL-2.0

"""The slow reader itself, against answers that were worked out by hand."""

import pytest
from tests.reference.breakpad import Answer, Call, NoSymbolsError, read

# Two calls inlined into each other: outer() at line 11 of main's file, inner() at line 21 of outer's.
NESTED = b"""MODULE Linux x86_64 1A0DF793E38A8E4F63C223F1500327FB0 a.out
FILE 0 main.c
FILE 1 outer.h
FILE 2 inner.h
INLINE_ORIGIN 0 outer()
INLINE_ORIGIN 1 inner()
FUNC 1000 30 0 main
INLINE 0 11 0 0 1010 10 1028 4
INLINE 1 21 1 1 1014 4
1000 10 10 0
1010 4 20 1
1014 4 30 2
1018 8 22 1
1020 8 12 0
"""


def test_an_address_without_inlined_calls_has_the_line_of_its_record() -> None:
    assert read(NESTED).lookup(0x1004) == Answer("main", 4, 0x30, "main.c", 10, ())


def test_each_caller_stands_at_its_call_site_and_the_innermost_at_the_line_record() -> None:
    assert read(NESTED).lookup(0x1015) == Answer(
        "main",
        0x15,
        0x30,
        "main.c",
        11,
        (Call("inner()", "inner.h", 30), Call("outer()", "outer.h", 21)),
    )


def test_a_second_range_of_an_inlined_call_counts_without_a_line_record() -> None:
    assert read(NESTED).lookup(0x1029) == Answer(
        "main", 0x29, 0x30, "main.c", 11, (Call("outer()", None, None),)
    )


def test_a_level_without_the_one_above_it_is_left_out() -> None:
    text = NESTED.replace(b"INLINE 0 11", b"INLINE 3 11")
    assert read(text).lookup(0x1015) == Answer("main", 0x15, 0x30, "inner.h", 30, ())


def test_beyond_a_function_its_name_counts_but_no_line() -> None:
    assert read(NESTED).lookup(0x1030) == Answer("main", 0x30, 0x30, None, None, ())


def test_below_the_first_symbol_there_is_none() -> None:
    assert read(NESTED).lookup(0xFFF) is None


def test_at_one_address_func_beats_public_and_the_first_beats_later_ones() -> None:
    text = b"PUBLIC 10 0 p\nFUNC 10 0 0 first\nFUNC 10 8 0 second\nPUBLIC 20 0 q\nPUBLIC 20 0 r\n"
    assert read(text).lookup(0x12) == Answer("first", 2, 0, None, None, ())
    assert read(text).lookup(0x21) == Answer("q", 1, None, None, None, ())


def test_line_zero_is_unknown_and_a_missing_file_hides_the_line() -> None:
    text = b"FILE 0 a.c\nFUNC 0 10 0 f\n0 8 0 0\n8 8 5 1\n"
    assert read(text).lookup(0) == Answer("f", 0, 0x10, "a.c", None, ())
    assert read(text).lookup(8) == Answer("f", 8, 0x10, None, None, ())


def test_the_last_definition_of_a_number_counts() -> None:
    text = b"FILE 0 a.c\nFUNC 0 10 0 f\n0 8 1 0\nFILE 0 b.c\n"
    assert read(text).lookup(0) == Answer("f", 0, 0x10, "b.c", 1, ())


def test_public_and_stack_records_end_a_function_and_file_records_do_not() -> None:
    text = b"FUNC 0 10 0 f\nFILE 0 a.c\n0 4 1 0\nSTACK CFI 0\n4 4 2 0\n"
    assert read(text).lookup(0) == Answer("f", 0, 0x10, "a.c", 1, ())
    assert read(text).lookup(4) == Answer("f", 4, 0x10, None, None, ())


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n"])
def test_every_line_end_is_read(end: bytes) -> None:
    answer = read(NESTED.replace(b"\n", end)).lookup(0x1015)
    assert answer == read(NESTED).lookup(0x1015)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (b"FUNC m 0 10 0 a b", "a b"),
        (b"FUNC 0 10 0", ""),
        (b"FUNC 0 10 0 ", ""),
        (b"FUNC 0 10 0  x", " x"),
        (b"FUNC 0 10 0 \xff", "\ufffd"),
        (b"PUBLIC m 0 0 a b", "a b"),
        (b"PUBLIC 0 0", ""),
    ],
)
def test_names_are_taken_as_they_are(record: bytes, name: str) -> None:
    answer = read(record).lookup(0)
    assert answer is not None
    assert answer.function == name


@pytest.mark.parametrize(
    "record",
    [
        b"FUNC 10 10",
        b"FUNC 0y10 10 0 f",
        b"FUNC -10 10 0 f",
        b"FUNC 1_0 10 0 f",
        b"FUNC 10  10 0 f",
        b"FUNC 10000000000000000 10 0 f",
        b"PUBLIC 10",
        b"",
    ],
)
def test_a_file_of_records_that_cannot_be_read_has_no_symbols(record: bytes) -> None:
    with pytest.raises(NoSymbolsError):
        read(record)
