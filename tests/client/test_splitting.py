# SPDX-License-Identifier: MPL-2.0

"""Files in as many zips as it takes."""

import random
from pathlib import Path
from zipfile import ZipFile

from tecken.client.layout import Member, lay_out
from tecken.client.splitting import iter_packs


def symbol_files(folder: Path, count: int, noise: int) -> tuple[Member, ...]:
    """Make symbol files that compress worse than is expected of them."""
    for number in range(count):
        digits = random.Random(number).randbytes(noise).hex()
        text = f"MODULE Linux x86_64 A{number:02}0 m{number}\nPUBLIC 10 0 {digits}\n"
        (folder / f"m{number}.sym").write_text(text)
    return lay_out([folder]).members


def test_all_files_are_in_one_zip_or_another_and_none_is_too_large(tmp_path: Path) -> None:
    members = symbol_files(tmp_path, 10, 10_000)
    seen: list[str] = []
    for pack in iter_packs(members, 40_000):
        assert pack.size <= 40_000
        assert not pack.too_large
        seen += ZipFile(pack.archive).namelist()
    assert seen == [str(member.key) for member in members]


def test_files_that_fit_go_in_one_zip(tmp_path: Path) -> None:
    members = symbol_files(tmp_path, 10, 100)
    assert [len(pack.members) for pack in iter_packs(members, 1_000_000)] == [10]


def test_a_file_that_is_too_large_alone_is_told_apart(tmp_path: Path) -> None:
    members = symbol_files(tmp_path, 2, 100_000)
    assert [pack.too_large for pack in iter_packs(members, 50_000)] == [True, True]


def test_a_zip_goes_when_the_next_is_asked_for(tmp_path: Path) -> None:
    packs = iter_packs(symbol_files(tmp_path, 2, 10_000), 20_000)
    first = next(packs)
    next(packs)
    assert first.archive.closed


def test_nothing_makes_no_zip() -> None:
    assert list(iter_packs([], 1000)) == []
