# SPDX-License-Identifier: MPL-2.0

"""At each address of the functions of small programs, the product says what ``llvm-symbolizer`` says."""

import json
import re
from bisect import bisect_right
from pathlib import Path

import pytest
from benchmarks.agreement_native import chain_of
from tests.core.native.programs import NAMES, derived_text, files_of

from tecken.core.native.opened import OpenedFiles
from tecken.core.symbols.symbol_file import SymbolFile


@pytest.mark.parametrize("name", NAMES)
def test_calls_and_lines_are_those_of_the_symbolizer(
    native: Path, tmp_path: Path, name: str
) -> None:
    files = files_of(native, name)
    text, derived = derived_text(files, tmp_path)
    expected = json.loads((native / "expected.json").read_text())[name]
    starts = [address for address, _ in expected]
    base = OpenedFiles(files).bounds.base
    functions = [
        (int(start, 16), int(size, 16)) for start, size in re.findall(r"\nFUNC (\w+) (\w+) ", text)
    ]
    addresses = [start + offset for start, size in functions for offset in range(size)]
    with SymbolFile.open(tmp_path / "derived.sym") as symbols:
        ours = [chain_of(symbol) for symbol in symbols.lookup_many(addresses)]
    theirs = [
        [tuple(frame) for frame in expected[bisect_right(starts, base + address) - 1][1]]
        for address in addresses
    ]
    assert ours == theirs
    assert len(functions) == derived.functions >= 4
    assert len(addresses) > 50
    assert derived.has_lines
