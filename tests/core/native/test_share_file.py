# SPDX-License-Identifier: MPL-2.0

from pathlib import Path

import pytest

from tecken.core.errors import UnsupportedNativeFileError
from tecken.core.native.function_text import FunctionText
from tecken.core.native.share_file import LooseRow, LooseRows, Share, ShareWriter, without_gap

FUNCTION = FunctionText(0x10, 4, b"FUNC 10 4 0 main\n10 4 7 1\n", False)


def _share(folder: Path, *rows: LooseRow) -> Share:
    folder.mkdir(exist_ok=True)
    with ShareWriter(folder) as writer:
        writer.add_function(FUNCTION, 0x40)
        for row in rows:
            writer.add_row(row)
    return Share(folder)


def test_functions_come_back(tmp_path: Path) -> None:
    share = _share(tmp_path)
    [found] = share.functions()
    assert (found.address, found.size, found.unit) == (0x10, 4, 0x40)
    assert share.text_at(found.offset, found.length) == FUNCTION.text


def test_rows_of_several_shares_are_in_order(tmp_path: Path) -> None:
    shares = [
        _share(tmp_path / "a", LooseRow(0x30, 0x40, 3, 1), LooseRow(0x10, 0x18, 1, 1)),
        _share(tmp_path / "b", LooseRow(0x18, 0x30, 2, 2)),
    ]
    rows = LooseRows(shares)
    assert rows.between(0x14, 0x34) == [
        LooseRow(0x14, 0x18, 1, 1), LooseRow(0x18, 0x30, 2, 2), LooseRow(0x30, 0x34, 3, 1),
    ]  # fmt: skip
    assert rows.between(0x40, 0x50) == []
    assert rows.between(0, 0x10) == []


def test_more_text_than_was_allowed_is_refused(tmp_path: Path) -> None:
    with ShareWriter(tmp_path, 3 * len(FUNCTION.text)) as writer:
        for _ in range(3):
            writer.add_function(FUNCTION, 0x40)
        with pytest.raises(UnsupportedNativeFileError, match="much larger than the file"):
            writer.write_origin(b"INLINE_ORIGIN 1 f\n")


def test_code_without_a_size_ends_where_its_lines_end() -> None:
    rows = [LooseRow(1, 2, 1, 1), LooseRow(2, 4, 2, 1), LooseRow(5, 6, 3, 1)]
    assert without_gap(rows) == rows[:2]
    assert without_gap(rows[:2]) == rows[:2]
