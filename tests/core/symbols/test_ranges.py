# SPDX-License-Identifier: MPL-2.0

import gc
import os
from pathlib import Path

import pytest

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.ranges import FileRanges


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "some.sym"
    path.write_bytes(b"0123456789")
    return path


def test_ranges_are_read_in_the_order_in_which_they_are_asked_for(path: Path) -> None:
    ranges = FileRanges.open(path)
    assert ranges([(8, 10), (0, 3), (5, 5)]) == [b"89", b"012", b""]
    assert ranges.size == 10


def test_a_file_that_is_too_short_is_malformed(path: Path) -> None:
    with pytest.raises(MalformedSymbolFileError, match="shorter than its index says"):
        FileRanges.open(path)([(0, 1), (8, 11)])


def test_a_file_is_read_even_when_its_name_is_gone(path: Path) -> None:
    ranges = FileRanges.open(path)
    path.unlink()
    assert ranges([(0, 10)]) == [b"0123456789"]


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileRanges.open(tmp_path / "none")


@pytest.mark.parametrize("how", ["close", "forget"])
def test_the_file_is_closed_when_told_or_when_nobody_refers_to_it(path: Path, how: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    ranges = FileRanges(descriptor)
    if how == "close":
        ranges.close()
    del ranges
    gc.collect()
    # Another thread of the test session may have been given the number since.
    assert not _leads_to(descriptor, path)


def _leads_to(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
