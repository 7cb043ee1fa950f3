# SPDX-License-Identifier: MPL-2.0

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import thread_time

import pytest
from tests.core.symbols.conftest import table_of

from tecken.core.errors import (
    LimitExceededError,
    ModuleUnreachableError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageUnavailableError,
    UnsupportedSymbolFileError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.symbolicate import Job, Module, ModuleError, symbolicate
from tecken.core.symbols.lookup import Offset, ReadLog, Symbol, SymbolTable
from tecken.core.symbols.lookup_limits import LookupLimits, Meter
from tecken.core.symbols.records import SymbolFileHead
from tecken.core.symbols.table import BreakpadTable

XUL = ("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2")
LIBC = ("libc.so.6", "1a0df793e38a8e4f63c223f1500327fb0")
NO_SUCH = ("none.pdb", "ABC")
XUL_SYM = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
LIBC_SYM = "libc.so.6/1A0DF793E38A8E4F63C223F1500327FB0/libc.so.6.sym"


@dataclass
class Symbols:
    """A supplier of tables in memory that writes down what it is asked."""

    tables: dict[str, BreakpadTable] = field(default_factory=dict)
    trouble: list[Exception] = field(default_factory=list)  # raised one by one by lookups
    asked: list[str] = field(default_factory=list)
    lookups: list[list[int]] = field(default_factory=list)
    in_memory: set[str] = field(default_factory=set)
    known_missing: set[str] = field(default_factory=set)

    def table_of(self, key: SymbolKey, log: ReadLog) -> "Symbols.Table":
        self.asked.append(str(key))
        if str(key) not in self.tables:
            raise ObjectNotFoundError("all sources", str(key))
        return Symbols.Table(self, self.tables[str(key)])

    def table_in_memory(self, key: SymbolKey, log: ReadLog) -> "Symbols.Table | None":
        if str(key) in self.known_missing:
            raise ObjectNotFoundError("all sources", str(key))
        return Symbols.Table(self, self.tables[str(key)]) if str(key) in self.in_memory else None

    @dataclass
    class Table:
        symbols: "Symbols"
        table: BreakpadTable

        @property
        def head(self) -> SymbolFileHead:
            return self.table.head

        def known(self, addresses: Iterable[int], meter: Meter) -> dict[int, Symbol | None]:
            return self.table.known(addresses, meter)

        def lookup(
            self, addresses: Sequence[int], log: ReadLog, meter: Meter | None = None
        ) -> list[Symbol | None]:
            if self.symbols.trouble:
                raise self.symbols.trouble.pop(0)
            self.symbols.lookups.append(list(addresses))
            return self.table.lookup(addresses, log, meter)

        @property
        def memory_bytes(self) -> int:
            return self.table.memory_bytes


@pytest.fixture
def symbols() -> Symbols:
    return Symbols(
        {
            XUL_SYM: table_of(b"FUNC 10 10 0 main\nPUBLIC 30 0 exit\n"),
            LIBC_SYM: table_of(b"PUBLIC 10 0 malloc\n"),
            "bad.pdb/ABC/bad.sym": table_of(b"nothing to see"),
        }
    )


def test_frames_are_answered_by_module_and_address(symbols: Symbols) -> None:
    found = symbolicate([Job([XUL, LIBC], [[(0, 0x12), (1, 0x10)], [(0, 5)]])], symbols)
    assert found.keys() == {XUL, LIBC}
    assert found[XUL].symbols == {0x12: Symbol("main", 2, 16), 5: None}
    assert found[LIBC].symbols == {0x10: Symbol("malloc", 0)}
    assert found[XUL].error is found[LIBC].error is None


def test_ids_are_found_in_any_case_and_modules_are_named_as_sent(symbols: Symbols) -> None:
    lower = (XUL[0], XUL[1].lower())
    assert symbolicate([Job([lower], [[(0, 0x10)]])], symbols).keys() == {lower}
    assert symbols.asked == [XUL_SYM]


def test_a_module_that_is_named_in_two_spellings_is_looked_up_once(symbols: Symbols) -> None:
    lower = (XUL[0], XUL[1].lower())
    jobs = [Job([lower, XUL], [[(0, 0x10), (1, 0x30)]]), Job([XUL], [[(0, 0x10)]])]
    found = symbolicate(jobs, symbols)
    assert symbols.asked == [XUL_SYM]
    assert symbols.lookups == [[0x10, 0x30]]
    assert list(found) == [lower, XUL]
    for module in found:
        assert found[module].symbols == {0x10: Symbol("main", 0, 16), 0x30: Symbol("exit", 0)}


def test_what_was_read_of_a_module_in_two_spellings_is_noted_once(symbols: Symbols) -> None:
    lower = (XUL[0], XUL[1].lower())
    found = symbolicate([Job([lower, XUL], [[(0, 0x10), (1, 0x30)]])], symbols)
    assert [found[module].log.storage.count for module in (lower, XUL)] == [1, 0]


def test_equal_addresses_of_all_jobs_are_looked_up_once(symbols: Symbols) -> None:
    jobs = [
        Job([LIBC, XUL], [[(1, 0x30), (1, 0x10), (1, 0x30)], [(1, 0x10)]]),
        Job([XUL, XUL], [[(0, 0x10), (1, 0x11)]]),
    ]
    symbolicate(jobs, symbols)
    assert symbols.asked == [XUL_SYM]
    assert symbols.lookups == [[0x30, 0x10, 0x11]]


def test_a_module_that_no_frame_needs_is_not_asked_for(symbols: Symbols) -> None:
    jobs = [Job([XUL, NO_SUCH], [[], [(-1, 0x10), (-99, 0x10)]]), Job([], [])]
    assert symbolicate(jobs, symbols) == {}
    assert symbols.asked == []


@pytest.mark.parametrize("offset", [-1, 2**64, 10**4000, "1.00000", "0x10", ""])
def test_an_offset_that_cannot_be_an_address_is_not_looked_up(
    symbols: Symbols, offset: int | str
) -> None:
    assert symbolicate([Job([XUL], [[(0, offset)]])], symbols) == {}


def test_the_first_and_the_last_address_are_looked_up(symbols: Symbols) -> None:
    found = symbolicate([Job([XUL], [[(0, 0), (0, 2**64 - 1)]])], symbols)
    assert found[XUL].symbols == {0: None, 2**64 - 1: Symbol("exit", 2**64 - 1 - 0x30)}


def test_what_was_read_is_noted_by_module(symbols: Symbols) -> None:
    found = symbolicate([Job([XUL, NO_SUCH], [[(0, 0x10), (1, 0x10)]])], symbols)
    assert found[XUL].log.storage.count == 1
    assert found[NO_SUCH].log.storage.count == 0


def test_only_wanted_addresses_are_looked_up(symbols: Symbols) -> None:
    lower = (XUL[0], XUL[1].lower())
    asked = []

    def wanted(module: Module, table: SymbolTable, offsets: Sequence[Offset]) -> list[Offset]:
        asked.append((module, offsets))
        return [0x30, *offsets[:1]] if module == lower else []

    jobs = [
        Job([lower, XUL], [[(0, "x"), (1, 0x10), (-1, 0x10), (0, 0x11)]]),
        Job([XUL], [[(0, 0x12)]]),
    ]
    found = symbolicate(jobs, symbols, wanted=wanted)
    assert asked == [(lower, ["x", 0x11]), (XUL, [0x10, 0x12])]
    assert found[XUL].symbols == found[lower].symbols == {0x30: Symbol("exit", 0)}
    assert found[XUL].table is found[lower].table is not None


def test_lookups_end_when_their_time_is_over(symbols: Symbols) -> None:
    jobs = [Job([XUL], [[(0, address) for address in range(0x10, 0x10 + 5_000)]])]
    with pytest.raises(LimitExceededError, match="longer than 0 seconds: ask for fewer frames"):
        symbolicate(jobs, symbols, limits=LookupLimits(max_seconds=0))
    assert len(symbols.lookups) <= 1
    assert (
        len(symbolicate(jobs, symbols, limits=LookupLimits(max_seconds=60))[XUL].symbols) == 5_000
    )
    assert max(map(len, symbols.lookups)) < 5_000


def test_a_request_that_waits_for_its_symbols_is_not_too_large(symbols: Symbols) -> None:
    class Slow:
        def table_of(self, key: SymbolKey, log: ReadLog) -> Symbols.Table:
            until = thread_time() + 0.05
            while thread_time() < until:
                pass
            return symbols.table_of(key, log)

        def table_in_memory(self, key: SymbolKey, log: ReadLog) -> None:
            return None

    jobs = [Job([XUL, LIBC], [[(0, 0x10), (1, 0x10)]])]
    found = symbolicate(jobs, Slow(), limits=LookupLimits(max_seconds=0.05))
    assert [module.error for module in found.values()] == [None, None]


def deep_table(levels: int) -> BreakpadTable:
    """Return a table in which each of 1,000 addresses has a line of its own and so many calls."""
    return table_of(
        b"FILE 0 a.c\nINLINE_ORIGIN 0 inlined\nFUNC 1000 1000 0 f\n"
        + b"".join(b"INLINE %d 1 0 0 1000 1000\n" % level for level in range(levels))
        + b"".join(b"%x 1 %d 0\n" % (0x1000 + number, number + 1) for number in range(1_000))
    )


def test_the_time_is_looked_at_within_a_batch_of_addresses(symbols: Symbols) -> None:
    functions = b"".join(
        b"FUNC %x 100 0 f\n" % (0x1000 * number)
        + b"".join(b"%x  2 1 0\n" % (0x1000 * number + line) for line in range(0, 0x100, 2))
        for number in range(1, 2_000)
    )
    symbols.tables[XUL_SYM] = table_of(b"FILE 0 a.c\n" + functions)
    jobs = [Job([XUL], [[(0, 0x1000 * number + 1) for number in range(1, 2_000)]])]
    began = thread_time()
    symbolicate(jobs, symbols)
    whole = thread_time() - began
    symbols.tables[XUL_SYM].forget()
    began = thread_time()
    with pytest.raises(LimitExceededError, match="The lookups take longer than"):
        symbolicate(jobs, symbols, limits=LookupLimits(max_seconds=whole / 10))
    assert thread_time() - began < whole / 2


def test_lookups_end_when_they_have_found_too_much(symbols: Symbols) -> None:
    symbols.tables[XUL_SYM] = deep_table(200)
    jobs = [Job([XUL], [[(0, 0x1000 + number) for number in range(1_000)]])]
    assert len(symbolicate(jobs, symbols)[XUL].symbols) == 1_000
    limits = LookupLimits(max_bytes=10 * 1024 * 1024)
    with pytest.raises(LimitExceededError, match="at most 10,485,760 are allowed: ask for fewer"):
        symbolicate(jobs, symbols, limits=limits)
    symbols.in_memory = {XUL_SYM}
    with pytest.raises(LimitExceededError):
        symbolicate(jobs, symbols, 2, limits=LookupLimits(max_bytes=10 * 1024 * 1024))
    shallow = [Job([XUL], [[(0, 0x1000 + number) for number in range(100)] * 100])]
    assert symbolicate(shallow, symbols, limits=LookupLimits(max_bytes=10 * 1024 * 1024))


def test_names_that_are_found_are_counted_as_they_are_read(symbols: Symbols) -> None:
    origins = b"".join(b"INLINE_ORIGIN %d %s\n" % (n, b"x" * 200_000) for n in range(200))
    calls = b"".join(b"INLINE %d 1 0 %d 1000 10\n" % (level, level) for level in range(200))
    symbols.tables[XUL_SYM] = table_of(origins + b"FUNC 1000 10 0 f\n" + calls)
    with pytest.raises(LimitExceededError, match="too many bytes"):
        symbolicate(
            [Job([XUL], [[(0, 0x1000)]])], symbols, limits=LookupLimits(max_bytes=10_000_000)
        )


def test_modules_in_memory_need_no_other_thread(symbols: Symbols) -> None:
    jobs = [Job([XUL, LIBC, NO_SUCH], [[(0, 0x10), (1, 0x10), (2, 0x10)]])]
    expected = symbolicate(jobs, symbols)
    symbols.asked.clear()
    symbols.in_memory = {XUL_SYM, LIBC_SYM}
    symbols.known_missing = {"none.pdb/ABC/none.sym"}
    found = symbolicate(jobs, symbols, 16)
    assert symbols.asked == []
    assert [(each.symbols, each.error) for each in found.values()] == [
        (each.symbols, each.error) for each in expected.values()
    ]


def test_a_module_in_memory_whose_function_was_not_read_is_looked_up_with_the_others(
    symbols: Symbols,
) -> None:
    symbols.in_memory = {XUL_SYM, LIBC_SYM}
    found = symbolicate([Job([XUL, LIBC], [[(0, 0x10), (1, 0x10)]])], symbols, 16)
    assert sorted(symbols.asked) == sorted([XUL_SYM, LIBC_SYM])
    assert found[XUL].symbols == {0x10: Symbol("main", 0, 16)}


def test_a_file_that_is_gone_at_the_second_attempt_leaves_nothing(symbols: Symbols) -> None:
    symbols.trouble = [ObjectNotFoundError("symbols", XUL_SYM)]
    found = symbolicate([Job([XUL], [[(0, 0x10), (0, 0x30)]])], symbols)[XUL]
    assert found.error is not None
    assert (found.symbols, found.table, found.head) == ({}, None, None)


@pytest.mark.parametrize(
    "module",
    [
        NO_SUCH,
        ("", ""),
        ("xul.pdb", ""),
        ("", "ABC"),
        ("[vdso]", "ABC"),
        ("<unknown>", "0"),
        ("xul.pdb", "not hexadecimal"),
        ("a/b", "ABC"),
        ("..", "ABC"),
        ("x" * 300, "ABC"),
    ],
    ids=repr,
)
def test_a_module_that_is_nowhere_or_can_be_nowhere_is_not_found(
    symbols: Symbols, module: tuple[str, str]
) -> None:
    found = symbolicate([Job([module, XUL], [[(0, 0x10), (1, 0x10)]])], symbols)
    assert found[module].error == ModuleError(
        "not_found", "no source has a symbol file of this module"
    )
    assert found[module].symbols == {}
    assert found[XUL].symbols == {0x10: Symbol("main", 0, 16)}


def test_a_malformed_symbol_file_fails_no_other_module(symbols: Symbols) -> None:
    bad = ("bad.pdb", "abc")
    found = symbolicate([Job([bad, XUL], [[(0, 0x10), (1, 0x10)]])], symbols)
    assert found[bad].error == ModuleError("malformed", "there is no FUNC and no PUBLIC record")
    assert found[XUL].error is None


def test_an_unsupported_symbol_file_fails_no_other_module(symbols: Symbols) -> None:
    symbols.trouble = [UnsupportedSymbolFileError("too much")]
    found = symbolicate([Job([XUL, LIBC], [[(0, 0x10), (1, 0x10)]])], symbols)
    assert found[XUL].error == ModuleError("unsupported", "too much")
    assert found[LIBC].error is None


def test_an_object_that_is_replaced_meanwhile_is_looked_for_again(symbols: Symbols) -> None:
    symbols.trouble = [ObjectChangedError("symbols", "key")] * 4
    found = symbolicate([Job([XUL], [[(0, 0x10)]])], symbols)
    assert found[XUL].symbols == {0x10: Symbol("main", 0, 16)}
    assert symbols.asked == [XUL_SYM] * 5


def test_an_object_that_is_deleted_meanwhile_is_not_found(symbols: Symbols) -> None:
    symbols.trouble = [ObjectNotFoundError("symbols", "key")]
    [found] = symbolicate([Job([XUL], [[(0, 0x10)]])], symbols).values()
    assert found.error is not None
    assert found.error.name == "not_found"


@pytest.mark.parametrize(
    "trouble",
    [
        [StorageUnavailableError("symbols", "v1/key", "timed out")],
        [ObjectChangedError("symbols", "v1/key")] * 5,
    ],
)
def test_a_source_that_cannot_tell_fails_the_request_and_names_the_module(
    symbols: Symbols, trouble: list[Exception]
) -> None:
    symbols.trouble = trouble
    with pytest.raises(ModuleUnreachableError) as caught:
        symbolicate([Job([LIBC], [[(0, 0x10)]])], symbols)
    error = caught.value
    assert (error.module, error.source) == ("/".join(LIBC), "symbols")
    reason = {"name": "unreachable", "message": f"symbols: {error.reason}"}
    assert error.details == {"module_errors": {"/".join(LIBC): [reason]}}
