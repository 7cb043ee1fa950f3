# SPDX-License-Identifier: MPL-2.0

"""Hypothesis strategies for symbol files, the odd ones of the field among them.

Line records of one function are disjoint, as they are in real files: where they overlap the format
does not say which one counts. All else may be odd: records in any order and between each other, two
symbols at one address, INLINE ranges that lie elsewhere or are empty, levels that jump, numbers that
do not fit, names of any bytes, every kind of line end, and lines that are no records at all.
"""

import re

from hypothesis import settings
from hypothesis import strategies as st

# Properties ask what is answered, and a busy machine is slow now and then.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

LARGEST = 2**64 - 1


class Text(bytes):
    """The text of a symbol file; where a test fails, its long names are printed short."""

    def __repr__(self) -> str:
        return repr(re.sub(rb"x{99,}", lambda run: b"<%d x>" % len(run[0]), self))


addresses = st.one_of(st.integers(0, 0x200), st.integers(0, LARGEST), st.just(LARGEST))
sizes = st.one_of(st.integers(0, 0x60), st.just(0), st.sampled_from([2**32, LARGEST]))
# Few different numbers, so that most are defined and some are defined twice.
small_numbers = st.one_of(st.integers(0, 4), st.just(2**32 - 1))
line_numbers = st.one_of(st.integers(0, 3), st.integers(0, 2**32 - 1))

ordinary_names = st.sampled_from(
    [
        b"main", b"operator new(unsigned long)", b"std::map<int, std::vector<char> >::map()",
        b"<name omitted>", b"_ZN3foo3barEv", b"./src/../include/a file.h",
        b"d:\\build\\src\\dll_dllmain.cpp", b"git:github.com/owner/repo:path/x.c:rev",
    ]
)  # fmt: skip
odd_names = st.one_of(
    st.sampled_from(
        [
            b"", b" ", b"  two spaces", b"m", b"m 10 20 0 x", b"ends in a space ", b"\xff\xfe",
            b"a\rb",
        ]
    ),
    st.binary(max_size=8).map(lambda name: name.replace(b"\n", b"")),
    # So long that a block of text ends in it or right behind it.
    st.integers(20_000, 40_000).map(lambda length: b"x" * length),
)  # fmt: skip
names = st.one_of(ordinary_names, ordinary_names, odd_names)

line_ends = st.sampled_from([b"\n", b"\r\n", b"\r\r\n"])
multiple = st.sampled_from([b"", b"", b"m "])
gaps = st.sampled_from([b" ", b" ", b" ", b"  ", b"\t", b" \t "])
junk = st.one_of(
    st.sampled_from(
        [
            b"", b" ", b"FUNC", b"FUNC ", b"FUNC 10 20", b"FUNC 10 20 0", b"FUNC m",
            b"FUNC -10 20 0 negative", b"FUNC 0x10 20 0 prefixed", b"FUNC 1_0 20 0 underscore",
            b"FUNC 10000000000000000 1 0 too large", b"FUNC 10  20 0 two spaces",
            b"FUNC\t10 20 0 tab", b"func 10 20 0 lower case", b" FUNC 10 20 0 indented",
            "FUNC \u0661 20 0 other digits".encode(), b"PUBLIC", b"PUBLIC 10", b"PUBLIC 10 0",
            b"PUBLIC xyz 0 name", b"FILE", b"FILE 1", b"FILE 4294967296 too large", b"FILE x y",
            b"FILE -1 y", b"INLINE_ORIGIN", b"INLINE_ORIGIN 1", b"INLINE", b"INLINE 0 1 1 1",
            b"INLINE 0 1 1 1 10", b"INLINE 0 1 1 1 0 200 0", b"INLINE 0 1 1 1 0x0 200",
            b"INLINE 0 1 4294967296 1 0 200", b"INLINE -1 1 1 1 0 200",
            b"INLINE 0 1 1 1 0 10000000000000000", b"10 20 1", b"10 20 1 1 1", b"10 20 a 1",
            b"10 20 4294967296 1", b"10000000000000000 20 1 1", b"-10 20 1 1", b" 10 20 1 1",
            b"MODULE", b"MODULE Linux x86_64 000000000000000000000000000000000 second",
            b"INFO CODE_ID 1234 x", b"STACK CFI INIT 10 20 .cfa: $rsp 8 +",
            b"STACK WIN 4 10 20 0 0 10 0 0 0 0 1 $T0", b"STACK", b"STACKED", b"\xff\xfe\x00junk",
        ]
    ),
    st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")),
)  # fmt: skip


@st.composite
def hexadecimal(draw: st.DrawFn, number: int) -> bytes:
    """Write a number in lower or upper case, now and then with leading zeros."""
    return draw(st.sampled_from([b"%x", b"%x", b"%X", b"%06x"])) % number


@st.composite
def line_records(draw: st.DrawFn, start: int, size: int) -> list[bytes]:
    """Make disjoint line records in and around a function, in any order."""
    records = []
    address = max(0, start + draw(st.integers(-4, 8)))
    for _ in range(draw(st.integers(0, 5))):
        length = draw(st.integers(0, 12))
        gap = draw(gaps)
        fields = [
            draw(hexadecimal(address)),
            draw(hexadecimal(length)),
            b"%d" % draw(line_numbers),
            b"%d" % draw(small_numbers),
        ]
        if address <= LARGEST:
            records.append(gap.join(fields))
        address += length + draw(st.integers(0, 4))
    return draw(st.permutations(records)) if draw(st.booleans()) else records


@st.composite
def inline_record(draw: st.DrawFn, start: int, size: int) -> bytes:
    """Make an INLINE record with ranges in its function or elsewhere."""
    numbers = [
        draw(st.integers(0, 3)),
        draw(line_numbers),
        draw(small_numbers),
        draw(small_numbers),
    ]
    fields = [b"INLINE", *(b"%d" % number for number in numbers)]
    for _ in range(draw(st.integers(1, 3))):
        near = st.integers(max(0, start - 4), min(LARGEST, start + min(size, 0x60)))
        fields.append(draw(hexadecimal(draw(st.one_of(near, near, addresses)))))
        fields.append(draw(hexadecimal(draw(st.integers(0, 0x40)))))
    return draw(gaps).join(fields)


@st.composite
def function_records(draw: st.DrawFn) -> list[bytes]:
    """Make a FUNC record and those that belong to it, others mixed in."""
    start, size = draw(addresses), draw(sizes)
    head = b"FUNC %s%s %s 0 %s" % (
        draw(multiple),
        draw(hexadecimal(start)),
        draw(hexadecimal(size)),
        draw(names),
    )
    inlines = draw(st.lists(inline_record(start, size), max_size=5))
    own = inlines + draw(line_records(start, size))
    if draw(st.integers(0, 3)) == 0:
        own = draw(st.permutations([*own, *draw(st.lists(other_records, max_size=3))]))
    return [head, *own]


@st.composite
def public_record(draw: st.DrawFn) -> bytes:
    """Make a PUBLIC record."""
    return b"PUBLIC %s%s 0 %s" % (draw(multiple), draw(hexadecimal(draw(addresses))), draw(names))


@st.composite
def named_record(draw: st.DrawFn) -> bytes:
    """Make a FILE or an INLINE_ORIGIN record."""
    keyword = draw(st.sampled_from([b"FILE", b"INLINE_ORIGIN"]))
    return b"%s %d %s" % (keyword, draw(small_numbers), draw(names))


other_records = st.one_of(named_record(), named_record(), public_record(), junk)


@st.composite
def symbol_texts(draw: st.DrawFn) -> Text:
    """Make the text of a symbol file, nearly always one with symbols."""
    lines = [b"MODULE Linux x86_64 1A0DF793E38A8E4F63C223F1500327FB0 lib a.so"]
    lines += draw(st.lists(named_record(), max_size=8))
    for _ in range(draw(st.integers(0, 5))):
        lines += draw(function_records())
        lines += draw(st.lists(other_records, max_size=2))
    ends = draw(
        st.one_of(line_ends.map(lambda end: [end]), st.lists(line_ends, min_size=2, max_size=5))
    )
    text = b"".join(line + ends[number % len(ends)] for number, line in enumerate(lines))
    return Text(text.rstrip(b"\r\n") if draw(st.booleans()) else text)


@st.composite
def chunked(draw: st.DrawFn, text: bytes) -> list[bytes]:
    """Cut a text into chunks anywhere, empty ones among them."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
