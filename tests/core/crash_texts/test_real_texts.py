# SPDX-License-Identifier: MPL-2.0

"""Every text of the real data gives its expected answer, from symbol files in a folder."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from tests.core.crash_texts.expected import Expected, names

from tecken.commands.offline import FolderSupplier
from tecken.core.crash_texts.answer import answer_of
from tecken.core.crash_texts.naming import NamedCrash, name_frames
from tecken.core.crash_texts.reader import read_crash_text
from tecken.core.crash_texts.writer import write_text

pytestmark = pytest.mark.real_data
_CRASHES = Path(os.environ.get("TECKEN_REAL_DATA", "../shared/data")) / "crashes"


@pytest.fixture(scope="session")
def supplier(real_data: Path) -> FolderSupplier:
    return FolderSupplier(real_data / "symbols")


def _read(name: str) -> Expected:
    answer = json.loads((_CRASHES / "expected" / f"{name}.json").read_bytes())
    return Expected((_CRASHES / answer["text"]).read_bytes(), answer)


def _name(text: str, expected: Expected, supplier: FolderSupplier) -> NamedCrash:
    return name_frames(read_crash_text(text, expected.modules), supplier)


@pytest.mark.parametrize("name", names(_CRASHES))
def test_a_text_gives_its_expected_answer(name: str, supplier: FolderSupplier) -> None:
    expected = _read(name)
    text = expected.text.decode(errors="surrogateescape")

    named = _name(text, expected, supplier)

    answer = msgspec.to_builtins(answer_of(named))
    is_tree = any(thread.outermost_first for thread in named.crash.threads)
    assert expected.differences(answer, is_tree) == []
    written = write_text(named)
    _check_lines(text, written, named)
    assert write_text(_name(written, expected, supplier)) == written


def _check_lines(text: str, written: str, named: NamedCrash) -> None:
    """Every line is still there, a frame's with its function and its source, in this order."""
    if named.crash.is_json:
        assert all(name.function in written for name in named.names.values())
        return
    names = {frame.line: name for frame in named.crash.frames if (name := named.name_of(frame))}
    lines = iter(written.split("\n"))
    for number, line in enumerate(text.split("\n"), 1):
        found = next(found for found in lines if "inlined: " not in found)
        if name := names.get(number):
            source = "" if name.file is None else f" at {name.file}:{name.line_number}"
            assert f"{name.function}{source}" in found
        else:
            assert found == line
    assert all("inlined: " in line for line in lines)
