# SPDX-License-Identifier: MPL-2.0

import gzip
from pathlib import Path

import pytest
from tests.support.native_files import DEBUG_ID, PROGRAM, PROGRAM_DEBUG, PROGRAM_FULL, portable_pdb
from tests.support.windows_files import windows_file

from tecken.core.errors import MalformedSymbolFileError, UnsupportedSymbolFileError
from tecken.core.symbols.records import ModuleRecord
from tecken.core.symbols.symbol_file import SymbolFile

TEXT = (
    b"MODULE windows x86_64 44E4EC8C2F41492B9369D6B9A059577C2 xul.pdb\r\n"
    b"FILE 0 d:\\src\\main.cc\r\nFUNC 1000 10 0 main\r\n1000 10 12 0\r\nPUBLIC 2000 0 _start\r\n"
)


@pytest.fixture(params=[TEXT, gzip.compress(TEXT)], ids=["plain", "gzip"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "xul.sym"
    path.write_bytes(request.param)
    return path


def test_an_address_is_looked_up(path: Path) -> None:
    with SymbolFile.open(path) as xul:
        symbol = xul.lookup(0x1008)
        assert symbol is not None
        assert (symbol.function, symbol.function_offset, symbol.function_size) == ("main", 8, 16)
        assert (symbol.file, symbol.line) == ("d:\\src\\main.cc", 12)
        assert xul.lookup(0xFFF) is None


def test_many_addresses_are_looked_up_in_order(path: Path) -> None:
    with SymbolFile.open(str(path)) as xul:
        found = xul.lookup_many([0x2001, 0, 0x1000])
        assert [symbol and symbol.function for symbol in found] == ["_start", None, "main"]


def test_the_module_record_is_known(path: Path) -> None:
    with SymbolFile.open(path) as xul:
        assert xul.module == ModuleRecord(
            "windows", "x86_64", "44E4EC8C2F41492B9369D6B9A059577C2", "xul.pdb"
        )


def test_what_was_read_is_counted(path: Path) -> None:
    with SymbolFile.open(path) as xul:
        assert xul.read_log.storage.count == 0
        xul.lookup(0x1008)
        assert xul.read_log.storage.text_bytes >= len(TEXT)


def test_a_closed_file_is_no_longer_read(path: Path) -> None:
    with SymbolFile.open(path) as xul:
        pass
    with pytest.raises(OSError, match="Bad file descriptor"):
        xul.lookup(0x1008)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SymbolFile.open(tmp_path / "none.sym")


def test_a_file_that_cannot_be_decompressed_is_malformed(tmp_path: Path) -> None:
    path = tmp_path / "cut.sym.gz"
    path.write_bytes(gzip.compress(TEXT)[:-9])
    with pytest.raises(MalformedSymbolFileError):
        SymbolFile.open(path)


def test_a_file_without_symbols_opens_and_every_lookup_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.sym"
    path.touch()
    with SymbolFile.open(path) as empty:
        assert empty.module is None
        with pytest.raises(MalformedSymbolFileError, match="no FUNC and no PUBLIC"):
            empty.lookup(0)


def test_a_native_file_is_opened_as_its_symbols(tmp_path: Path) -> None:
    path = tmp_path / "crash"
    path.write_bytes(PROGRAM_FULL)
    with SymbolFile.open(path) as opened:
        assert opened.module is not None
        assert opened.module.debug_id == DEBUG_ID
        symbol = opened.lookup(0x10D)
    assert symbol is not None
    assert (symbol.function, symbol.line) == ("outer", 3)


def test_an_executable_is_opened_with_its_debug_file(tmp_path: Path) -> None:
    path, debug = tmp_path / "crash", tmp_path / "crash.debug"
    path.write_bytes(PROGRAM)
    debug.write_bytes(PROGRAM_DEBUG)
    with SymbolFile.open_native(path, debug) as opened:
        symbol = opened.lookup(0x10D)
    assert symbol is not None
    assert symbol.function == "outer"


def test_a_pdb_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "sample.pdb"
    path.write_bytes(windows_file("x64/sample.pdb"))
    with SymbolFile.open(path) as opened:
        symbol = opened.lookup(0x1070)
    assert symbol is not None
    assert (symbol.function, symbol.line) == ("sell(int)", 36)
    assert [call.function for call in symbol.inlines] == [
        "shop::Till::add<int>::Rounder::round(int)",
        "shop::Till::add(int)",
    ]


def test_a_native_file_that_is_not_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "app.pdb"
    path.write_bytes(portable_pdb())
    with pytest.raises(UnsupportedSymbolFileError):
        SymbolFile.open(path)


def test_a_damaged_native_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "crash"
    path.write_bytes(PROGRAM_FULL[:100])
    with pytest.raises(MalformedSymbolFileError):
        SymbolFile.open(path)
