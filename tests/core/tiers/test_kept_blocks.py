# SPDX-License-Identifier: MPL-2.0

from pathlib import Path

import pytest

from tecken.core.tiers.kept_blocks import KeptBlocks

MEGABYTE = 1_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "blocks"


@pytest.fixture
def grown() -> list[str]:
    return []


@pytest.fixture
def kept(path: Path, grown: list[str]) -> KeptBlocks:
    return KeptBlocks(path, lambda: None, lambda: grown.append("once"))


def test_nothing_is_kept_at_first(kept: KeptBlocks) -> None:
    assert kept.read([(0, 5), (7, 9)]) == [b"", b""]


def test_bytes_are_kept_at_their_places(kept: KeptBlocks, grown: list[str]) -> None:
    kept.keep([(5 * MEGABYTE, b"far"), (10, b"near")])
    assert kept.read([(10, 14), (5 * MEGABYTE, 5 * MEGABYTE + 3)]) == [b"near", b"far"]
    assert grown == ["once"]


def test_what_lies_between_is_zeros_and_takes_no_room(kept: KeptBlocks, path: Path) -> None:
    kept.keep([(5 * MEGABYTE, b"far")])
    assert kept.read([(MEGABYTE, MEGABYTE + 2)]) == [b"\0\0"]
    assert path.stat().st_blocks * 512 < MEGABYTE


def test_the_file_may_vanish(kept: KeptBlocks, path: Path) -> None:
    kept.keep([(0, b"gone")])
    path.unlink()
    assert kept.read([(0, 4)]) == [b""]
    kept.keep([(0, b"back")])
    assert kept.read([(0, 4)]) == [b"back"]


def test_where_no_file_can_be_nothing_is_kept(tmp_path: Path, grown: list[str]) -> None:
    kept = KeptBlocks(tmp_path / "no folder" / "blocks", lambda: None, lambda: grown.append("once"))
    kept.keep([(0, b"lost")])
    assert kept.read([(0, 4)]) == [b""]
    assert grown == []
