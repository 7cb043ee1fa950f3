# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.lookup_limits import unlimited
from tecken.core.symbols.records import (
    INDEXED_RECORD,
    SYMBOL_RECORD,
    InlineRange,
    InlineRecord,
    Lines,
    ModuleRecord,
    decode_name,
    find_usual_inline,
    parse_head,
    parse_inlines,
    parse_lines,
    parse_module_record,
    parse_usual_inlines,
    parse_usual_lines,
    split_usual,
)

MODULE = b"MODULE Linux x86_64 1A0DF793E38A8E4F63C223F1500327FB0 libc.so.6"


def test_a_module_record_has_four_fields() -> None:
    assert parse_module_record(MODULE + b"\r\r\n") == ModuleRecord(
        "Linux", "x86_64", "1A0DF793E38A8E4F63C223F1500327FB0", "libc.so.6"
    )


def test_a_debug_file_may_contain_spaces() -> None:
    assert parse_module_record(b"MODULE mac arm64 ABC My App Helper").debug_file == "My App Helper"


@pytest.mark.parametrize(
    "line",
    [b"", b"MODULE", b"MODULE Linux x86_64 ABC", b"MODULE Linux  ABC name", b"module a b c d"],
)
def test_a_module_record_with_a_field_missing_is_malformed(line: bytes) -> None:
    with pytest.raises(MalformedSymbolFileError, match="MODULE <os> <arch>"):
        parse_module_record(line)


def test_the_head_tells_code_id_code_file_and_generator() -> None:
    head = parse_head(
        MODULE + b"\r\nINFO CODE_ID 5CF2591C6859000 my xul.dll\r\nINFO GENERATOR dump_syms 2.3\r\n"
    )
    assert head.module is not None
    assert (head.code_id, head.code_file) == ("5CF2591C6859000", "my xul.dll")
    assert head.generator == "dump_syms 2.3"


def test_a_code_id_may_stand_without_a_code_file() -> None:
    head = parse_head(MODULE + b"\nINFO CODE_ID F793A0DF\n")
    assert (head.code_id, head.code_file, head.generator) == ("F793A0DF", None, None)


def test_the_head_ends_at_the_first_other_record() -> None:
    assert parse_head(MODULE + b"\nFILE 0 a.c\nINFO CODE_ID ABC\n").code_id is None


def test_only_the_first_line_can_be_the_module_record() -> None:
    assert parse_head(b"INFO CODE_ID ABC\n" + MODULE).module is None


def test_a_module_record_that_cannot_be_read_spoils_nothing() -> None:
    head = parse_head(b"MODULE Linux\nINFO CODE_ID ABC\n")
    assert (head.module, head.code_id) == (None, "ABC")


@pytest.mark.parametrize("text", [b"", b"\n", b"\xff\x00" * 20_000, b"INFO " * 10_000])
def test_any_text_has_a_head(text: bytes) -> None:
    assert parse_head(text).module is None


def test_names_are_decoded_as_recorded() -> None:
    assert decode_name("größe(ß) ".encode() + b"\r\r") == "größe(ß) "
    assert decode_name(b"a\rb") == "a\rb"
    assert decode_name(b"\xff<\xc3>") == "\ufffd<\ufffd>"


def indexed(*lines: bytes) -> list[tuple[bytes, ...]]:
    return INDEXED_RECORD.findall(b"".join(b"\n" + line for line in lines))


@pytest.mark.parametrize("end", [b"", b"\r", b"\r\r"])
def test_every_kind_of_record_is_found_whatever_ends_its_line(end: bytes) -> None:
    lines = [
        b"FUNC 10 20 0 f",
        b"PUBLIC m 30 0 p",
        b"FILE 4 a.c",
        b"INLINE_ORIGIN 5 o",
        b"10 2 3 4",
    ]
    assert indexed(*(line + end for line in lines)) == [
        (b"10", b"", b"", b""),
        (b"", b"30", b"", b""),
        (b"", b"", b"4", b""),
        (b"", b"", b"", b"5"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"FUNC",
        b"FUNC m",
        b"FUNC 10 20",
        b"FUNC 1g 2 0 f",
        b"FUNC 10  20 0 f",
        b"FUNC 10 20 0\tf",
        b"FUNC 10 20 0x f",
        b"FUNC 0x10 20 0x0g f",
        b"FUNC -1 1 0 f",
        b"FUNC 10000000000000000 1 0 f",
    ],
)
def test_a_function_record_that_cannot_be_read_is_told_apart(line: bytes) -> None:
    assert indexed(line, line + b"\r") == [(b"", b"", b"", b"")] * 2
    assert SYMBOL_RECORD.search(b"\n" + line) is None


@pytest.mark.parametrize(
    "line", [b"FUNCTION 1 2 3 f", b"PUBLICS 1 0 p", b" FUNC 1 2 3 f", b"FILES"]
)
def test_what_only_looks_like_a_record_is_none(line: bytes) -> None:
    assert indexed(line) == []


def test_addresses_may_have_leading_zeros() -> None:
    [(address, *_)] = indexed(b"FUNC 00000000000000001234 0000000000000000000000010 00 f")
    assert int(address, 16) == 0x1234


def test_zeros_without_end_are_read_in_one_pass() -> None:
    # With a backtracking expression each of these blocks took 5 to 10 seconds.
    short = b"\nFUNC " + b" ".join([b"0" * 60] * 3) + b"!"
    long = b"\nFUNC " + b" ".join([b"0" * 80_000] * 3) + b"!"
    for text, count in ((short * 1_387, 1_387), (long, 1)):
        assert len(INDEXED_RECORD.findall(text)) == count
        assert SYMBOL_RECORD.findall(text) == []


def test_a_name_may_be_missing_begin_with_a_space_and_contain_anything() -> None:
    text = b"\nFUNC 1 2 3\nFUNC 1 2 3 \r\nFUNC 1 2 3  a\tb <m> \xff\nPUBLIC 4 0 _m_ 1 2"
    names = [(match[3], match[5]) for match in SYMBOL_RECORD.finditer(text)]
    assert names == [
        (b"", None),
        (b" \r", None),
        (b"  a\tb <m> \xff", None),
        (None, b" _m_ 1 2"),
    ]


USUAL = b"\nINLINE 0 12 3 4 1000 10 1020 8\nINLINE 1 13 3 5 1004 4\n1000 10 20 1\n1010 30 21 2"
USUAL_RECORDS = (
    [
        (0x1000, 0x1010, InlineRecord(0, 12, 3, 4)),
        (0x1020, 0x1028, InlineRecord(0, 12, 3, 4)),
        (0x1004, 0x1008, InlineRecord(1, 13, 3, 5)),
    ],
    Lines([0x1000, 0x1010], [0x1010, 0x1040], [(b"20", b"1"), (b"21", b"2")]),
)


def read(body: bytes, start: int, end: int) -> tuple[list[InlineRange], Lines]:
    """Read a function's records in the way that its form allows; both ways agree where both can."""
    careful = parse_inlines(body, start, end, unlimited()), parse_lines(body, unlimited())
    if usual := split_usual(body):
        quick = parse_usual_inlines(usual.inlines, start, end), parse_usual_lines(usual.lines)
        assert quick == careful
    return careful


@pytest.mark.parametrize(
    "body",
    [
        USUAL,
        USUAL + b"\n",
        USUAL.replace(b"\n", b"\r\r\n") + b"\r\r\n",
        USUAL.replace(b" ", b" \t"),
        USUAL.replace(b"\n", b"\n\n"),
        USUAL + b"\nnonsense\nFILE 9 a.c\n-10 20 1 1\n",
        USUAL.replace(b" 20 1\n", b"  20 1 \n"),
        # Records that cannot be read, between those that can.
        USUAL + b"\n10000000000000000 1 1 1\n10 1 4294967296 1\n10 1 1 1 1\n10 1 1",
        USUAL + b"\nINLINE 0 1 1 1 1000\nINLINE 0 1 1 1\nINLINE 0 1 1 1 1000 20 30",
        USUAL + b"\nINLINE 0 1 1 4294967296 1000 20\nINLINE 0 1 1 1 0 10000000000000000",
        # The lines before the INLINE records.
        b"\n1000 10 20 1\n1010 30 21 2" + USUAL[: USUAL.index(b"\n1000")],
    ],
)
def test_the_records_of_a_function_are_read_however_they_are_written(body: bytes) -> None:
    assert read(body, 0x1000, 0x1040) == USUAL_RECORDS


@pytest.mark.parametrize("odd", [b"", b"\nodd"])
def test_empty_inline_ranges_are_left_out_and_the_largest_numbers_kept(odd: bytes) -> None:
    top = b"ffffffffffffffff"
    body = b"\nINLINE 255 4294967295 0 0 10 0 %b 1%b\n%b 1 4294967295 0" % (top, odd, top)
    assert read(body, 0, 2**64) == (
        [(2**64 - 1, 2**64, InlineRecord(255, 2**32 - 1, 0, 0))],
        Lines([2**64 - 1], [2**64], [(b"4294967295", b"0")]),
    )


@pytest.mark.parametrize("odd", [b"", b"\nodd"])
def test_calls_at_the_deepest_nest_level_are_read_and_those_below_left_out(odd: bytes) -> None:
    body = b"\nINLINE 255 1 1 1 10 1\nINLINE 256 1 1 1 10 1 11 1\nINLINE 0 1 1 1 10 1" + odd
    assert [inline.level for _, _, inline in read(body, 0, 64)[0]] == [255, 0]


def test_a_function_without_records_has_none() -> None:
    for body in (b"", b"\n", b"\r\n"):
        assert read(body, 0, 1) == ([], Lines([], [], []))


@pytest.mark.parametrize("odd", [b"", b"\nodd"])
def test_inline_ranges_that_do_not_touch_the_function_are_left_out(odd: bytes) -> None:
    body = b"\nINLINE 0 1 2 3 ff0 10 ff0 11 1000 1 103f 9 1040 1\nINLINE 1 1 2 3 2000 10" + odd
    inline = InlineRecord(0, 1, 2, 3)
    assert read(body, 0x1000, 0x1040)[0] == [
        (0xFF0, 0x1001, inline),
        (0x1000, 0x1001, inline),
        (0x103F, 0x1048, inline),
    ]


def test_text_of_the_usual_form_is_recognised() -> None:
    assert split_usual(USUAL) is not None
    assert split_usual(USUAL.replace(b"\n", b"\r\n")[1:]) is not None
    assert split_usual(USUAL.replace(b" ", b"  ")) is None
    assert split_usual(USUAL.replace(b"INLINE 0", b"INLINE 00")) is None


def test_a_call_is_found_among_the_records_of_its_level() -> None:
    text = b"\nINLINE 1 9 9 9 0 ff\nINLINE 0 1 2 3 10 10 40 10\nINLINE 0 4 5 6 14 4 20 0\nINLINE 10 7 7 7 0 ff"
    at = {address: find_usual_inline(text, 0, address) for address in (0xF, 0x10, 0x14, 0x20, 0x4F)}
    first, second = InlineRecord(0, 1, 2, 3), InlineRecord(0, 4, 5, 6)
    assert at == {0xF: None, 0x10: first, 0x14: second, 0x20: None, 0x4F: first}


def test_of_calls_whose_ranges_start_together_the_first_in_the_file_wins() -> None:
    text = b"\nINLINE 0 1 2 3 10 10\nINLINE 0 4 5 6 10 10"
    assert find_usual_inline(text, 0, 0x18) == InlineRecord(0, 1, 2, 3)
