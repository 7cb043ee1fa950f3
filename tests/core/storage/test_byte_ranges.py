# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.core.storage.byte_ranges import (
    MAX_GAP_BYTES,
    MAX_MERGED_BYTES,
    cut_out,
    merge_ranges,
)

DATA = bytes(range(256)) * 40_000


@pytest.mark.parametrize(
    ("ranges", "merged"),
    [
        ([], []),
        ([(5, 5), (9, 3)], []),
        ([(0, 10), (20, 30)], [(0, 30)]),
        ([(20, 30), (0, 10)], [(0, 30)]),
        ([(0, 100), (10, 20)], [(0, 100)]),
        ([(0, 10), (10 + MAX_GAP_BYTES, 999_999)], [(0, 999_999)]),
        ([(0, 10), (11 + MAX_GAP_BYTES, 999_999)], [(0, 10), (11 + MAX_GAP_BYTES, 999_999)]),
        ([(0, 5), (6, MAX_MERGED_BYTES + 1)], [(0, 5), (6, MAX_MERGED_BYTES + 1)]),
        ([(0, 5), (4, MAX_MERGED_BYTES + 1)], [(0, MAX_MERGED_BYTES + 1)]),
    ],
)
def test_near_ranges_become_one(
    ranges: list[tuple[int, int]], merged: list[tuple[int, int]]
) -> None:
    assert merge_ranges(ranges) == merged


def test_what_was_asked_for_is_cut_out_in_its_order() -> None:
    ranges = [(700_000, 700_003), (5, 9), (3, 3), (0, 7), (10_239_999, 10_300_000)]
    merged = merge_ranges(ranges)
    chunks = [DATA[start:end] for start, end in merged]
    assert cut_out(ranges, merged, chunks) == [DATA[start:end] for start, end in ranges]
