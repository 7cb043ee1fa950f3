# SPDX-License-Identifier: MPL-2.0

"""The folder that minidump_stackwalk looks into for what it unwinds by."""

from pathlib import Path

import pytest
from tests.symbolication.conftest import LIBC, Store

from tecken.symbolication.laid_out import LaidOutSymbols

pytestmark = pytest.mark.both_forms

STACK = "STACK CFI INIT 1000 40 .cfa: $rsp 8 + .ra: .cfa -8 + ^\n"
WINDOWS = ("app.pdb", "44E4EC8C2F41492B9369D6B9A059577CAB")  # its age has letters


def text_of(debug_file: str, debug_id: str, records: str = STACK) -> bytes:
    return f"MODULE x x {debug_id} {debug_file}\nFUNC 1000 40 0 f\n{records}".encode()


def laid_out(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.sym")}


def test_symbols_lie_where_they_are_looked_for(symbols: Store, tmp_path: Path) -> None:
    folder = tmp_path / "laid-out"
    for module in (list(WINDOWS), LIBC):
        symbols.upload(module, text_of(*module))
    asked = [WINDOWS, ("none.so", LIBC[1]), ("../x", LIBC[1]), ("x", "zz"), tuple(LIBC)]
    assert LaidOutSymbols(folder, 10_000).add(asked)
    windows = f"app.pdb/{WINDOWS[1][:32]}ab/app.sym"
    assert laid_out(folder) == {windows, f"libc.so.6/{LIBC[1]}/libc.so.6.sym"}
    assert (folder / windows).read_text() == (
        f"MODULE x x {WINDOWS[1]} app.pdb\n{STACK}FUNC 1000 40 0 @1000\n"
    )


def test_those_that_come_first_are_laid_out_as_far_as_there_is_room(
    symbols: Store, tmp_path: Path
) -> None:
    names = ("first", "large", "last")
    for name, records in zip(names, (STACK, STACK * 100, STACK), strict=True):
        symbols.upload([name, LIBC[1]], text_of(name, LIBC[1], records))
    laid = tmp_path / "laid-out"
    folder = LaidOutSymbols(laid, 500)
    assert folder.add([(name, LIBC[1]) for name in names])
    assert {path.partition("/")[0] for path in laid_out(laid)} == {"first", "last"}
    assert not folder.add([])


def test_what_is_unwound_by_nothing_is_not_laid_out(symbols: Store, tmp_path: Path) -> None:
    symbols.upload(LIBC, text_of(*LIBC, records=""))
    assert not LaidOutSymbols(tmp_path / "laid-out", 500).add([tuple(LIBC)])
    assert laid_out(tmp_path / "laid-out") == set()
