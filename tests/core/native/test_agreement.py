# SPDX-License-Identifier: MPL-2.0

"""At each address of the functions of small programs, the product says what ``llvm-symbolizer`` says."""

import json
from pathlib import Path

import pytest
from tests.core.native.programs import NAMES, agrees, derived_text, files_of

from tecken.core.native.opened import OpenedFiles


@pytest.mark.parametrize("name", NAMES)
def test_calls_and_lines_are_those_of_the_symbolizer(
    native: Path, tmp_path: Path, name: str
) -> None:
    files = files_of(native, name)
    _, derived = derived_text(files, tmp_path)
    expected = json.loads((native / "expected.json").read_text())[name]
    base = OpenedFiles(files).bounds.base
    functions, addresses = agrees(tmp_path / "derived.sym", expected, base)
    assert functions == derived.functions >= 4
    assert addresses > 50
    assert derived.has_lines
