# SPDX-License-Identifier: MPL-2.0

"""Whatever a text is: it is read, no line of it is lost, and what was written of it stays as it is."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tecken.core.crash_texts.answer import answer_of
from tecken.core.crash_texts.documents import FORMATS
from tecken.core.crash_texts.families import FAMILIES
from tecken.core.crash_texts.naming import name_frames
from tecken.core.crash_texts.reader import read_crash_text
from tecken.core.crash_texts.resolve import Guessed
from tecken.core.crash_texts.writer import write_text
from tecken.core.errors import ObjectNotFoundError
from tecken.core.identifiers import SymbolKey
from tecken.core.symbols.lookup import InlineCall, ReadLog, Symbol
from tecken.core.symbols.lookup_limits import Meter
from tecken.core.symbols.records import SymbolFileHead

_ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F7890"
_MARKS = "#0x+()[]<>:!`|@-/\\'\" \t\r\x1b[34mabcf19\udcff"
_EXAMPLES = [family.example for family in FAMILIES]
_PREFIXES = [
    "",
    "Nov 27 08:14:52 node-7 radosgw[4242]: ",
    "2026-11-27T08:14:52.1Z stderr F ",
    "11-27 08:14:52.201  2383  2383 F DEBUG   : ",
    "[ 4494.243822] ",
    "\x1b[34m",
]


class _EverythingTable:
    """Has a symbol with inlined calls at each address."""

    head = SymbolFileHead(None, None, None, None)
    memory_bytes = 0

    def known(self, addresses: object, meter: Meter) -> dict[int, Symbol | None]:
        return {}

    def addresses_of(self, names: list[str], log: ReadLog, meter: Meter) -> dict[str, set[int]]:
        return {name: {16} for name in names}

    def lookup(
        self, addresses: list[int], log: ReadLog, meter: Meter | None = None
    ) -> list[Symbol | None]:
        return [
            Symbol(
                f"f<{address:x}>(int)",
                0,
                16,
                "a.c" if address % 3 else None,
                address if address % 2 else None,
                (InlineCall("g", "b.h", 1),) * (address % 3),
            )
            for address in addresses
        ]


class _Supplier:
    def table_of(self, key: SymbolKey, log: ReadLog) -> _EverythingTable:
        if len(key.debug_file) % 5 == 4:
            raise ObjectNotFoundError("nowhere", str(key))
        return _EverythingTable()

    def table_in_memory(self, key: SymbolKey, log: ReadLog) -> None:
        return None


@st.composite
def _damaged(draw: st.DrawFn, examples: st.SearchStrategy[str]) -> str:
    """An example of which something was cut out, or into which something was put."""
    text = draw(examples)
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + draw(st.sampled_from([0, 0, 1, 3, 20])))))
    return text[:start] + draw(st.text(_MARKS, max_size=4)) + text[end:]


_lines = st.builds(
    str.__add__,
    st.sampled_from(_PREFIXES),
    st.sampled_from(_EXAMPLES)
    | _damaged(st.sampled_from(_EXAMPLES))
    | st.text(_MARKS, max_size=60),
)
_texts = st.lists(_lines, max_size=12).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines))
)
_KEYS = [
    "threads", "frames", "libs", "meta", "modules", "payload", "stackTraces", "json_dump",
    "crash_info", "status", "usedImages", "jobs", "memoryMap", "stacks", "frameTable",
    "address", "func", "thread_count", "stack_frames", "native_module", "native_offset",
    "imageIndex", "imageOffset", "ip", "module_index",
]  # fmt: skip
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["0x10", "a", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


def _guess(name: str) -> Guessed:
    return Guessed(name.rpartition("/")[2], _ID)


def check(text: str) -> None:
    """Read a text, write it, and read what was written."""
    named = name_frames(read_crash_text(text, guess=_guess), _Supplier())
    written = write_text(named)
    answer = answer_of(named)
    assert answer.frames == sum(len(thread.frames) for thread in answer.threads) >= answer.named
    if named.crash.is_json:
        assert write_text(name_frames(read_crash_text(written), _Supplier())) == written
        return
    changed = {frame.line for frame in named.crash.frames}
    before = [line for line in enumerate(text.split("\n"), 1) if "inlined: " not in line[1]]
    after = [line for line in written.split("\n") if "inlined: " not in line]
    for (number, original), line in zip(before, after, strict=True):
        assert line == original or number in changed
    again = name_frames(read_crash_text(written, guess=_guess), _Supplier())
    assert write_text(again) == written


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(_texts)
def test_any_text_is_read_and_keeps_its_lines(text: str) -> None:
    check(text)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(_values)
def test_any_json_is_read(value: object) -> None:
    check(json.dumps(value))


def test_a_line_that_looks_like_a_call_of_ours_keeps_its_number() -> None:
    check("# inlined: no call of ours\n#0 0x10 in f (/usr/bin/a+0x10)\nlast")


def test_each_example_is_of_its_format() -> None:
    for family in FAMILIES:
        if family.format in ("kernel-oops", "addresses"):
            continue  # frames of these need the head of a trace above, or a module that is given
        assert read_crash_text(family.example).format == family.format, family.format
    assert len({form.format for form in FORMATS}) == len(FORMATS)
