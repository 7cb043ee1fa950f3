# SPDX-License-Identifier: MPL-2.0

"""What other programs unwind stacks by: STACK records, and where they lie in a symbol file."""

from pathlib import Path

import pytest

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.symbol_file import SymbolFile
from tecken.core.symbols.table import BreakpadTable
from tecken.core.symbols.unwinding import unwinding_file, with_module_offsets

HEAD = "MODULE Linux x86_64 5A1C3F2B9D8E47606B1FA2C4D5E6F7890 hello"
SYMBOLS = ["FILE 0 hello.c", "FUNC 1130 2c 0 main", "1130 2c 3 0", "PUBLIC 1000 0 _start"]
STACK = [
    "STACK CFI INIT 1130 2c .cfa: $rsp 8 + .ra: .cfa -8 + ^",
    "STACK CFI 1131 .cfa: $rsp 16 +",
    "STACK WIN 4 2000 30 3 0 0 0 0 0 1 $eip 4 + ^ =",
    "STACK WIN 0 2000 30 3 0 0 0 0 0 0 0",
]
FUNCTIONS = ["FUNC 1130 2c 0 @1130", "FUNC 2000 30 0 @2000"]


def table_of(folder: Path, *lines: str) -> BreakpadTable:
    path = folder / "hello.sym"
    path.write_text("\n".join(lines) + "\n")
    return SymbolFile.open(path).table


def unwinding(table: BreakpadTable) -> list[str]:
    return b"".join(unwinding_file(table.head, table.stack_records(ReadLog()))).decode().split("\n")


@pytest.mark.parametrize(
    "lines",
    [[HEAD, *SYMBOLS, *STACK], [HEAD, *STACK, *SYMBOLS], [HEAD, *SYMBOLS, *STACK, "INFO x"]],
    ids=["behind symbols", "before symbols", "before other things"],
)
def test_stack_records_stay_and_their_ranges_become_functions(
    tmp_path: Path, lines: list[str]
) -> None:
    assert unwinding(table_of(tmp_path, *lines)) == [HEAD, *STACK, *FUNCTIONS, ""]


def test_lines_of_windows_are_read(tmp_path: Path) -> None:
    lines = [f"{line}\r" for line in (HEAD, *SYMBOLS, *STACK)]
    assert unwinding(table_of(tmp_path, *lines)) == [HEAD, *STACK, *FUNCTIONS, ""]


def test_of_a_large_file_the_end_is_read_alone(tmp_path: Path) -> None:
    functions = [
        line
        for start in range(0x10000, 0x10000 + 0x40 * 20_000, 0x40)
        for line in (f"FUNC {start:x} 40 0 function_{start:x}", f"{start:x} 40 1 0")
    ]
    stack = [
        f"STACK CFI INIT {start:x} 40 .cfa: $rsp 8 + .ra: .cfa -8 + ^"
        for start in range(0x10000, 0x10000 + 0x40 * 20_000, 0x40)
    ]
    table, log = table_of(tmp_path, HEAD, *functions, *stack), ReadLog()
    records = b"".join(table.stack_records(log))
    assert records.decode() == "\n".join([*stack, ""])
    assert log.storage.text_bytes + log.cache.text_bytes < len(records) * 1.2


def test_without_stack_records_there_is_no_file(tmp_path: Path) -> None:
    assert unwinding(table_of(tmp_path, HEAD, *SYMBOLS)) == [""]


def test_without_symbols_there_is_none_either(tmp_path: Path) -> None:
    with pytest.raises(MalformedSymbolFileError):
        unwinding(table_of(tmp_path, HEAD, *STACK))


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        (b" 1  libc.so.6!@27730 + 0x18\n", b" 1  libc.so.6 + 0x27748\n"),
        (b"12  a!b.so!@1000 + 0x0\r\n", b"12  a!b.so + 0x1000\r\n"),
        (b" 1  libc.so.6!main + 0x18\n", b" 1  libc.so.6!main + 0x18\n"),
        (b" 1  libc.so.6 + 0x18\n", b" 1  libc.so.6 + 0x18\n"),
    ],
)
def test_what_is_printed_gets_offsets_in_the_module(printed: bytes, read: bytes) -> None:
    assert with_module_offsets(b"x\n" + printed) == b"x\n" + read
