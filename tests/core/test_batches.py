# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.core.batches import batches


@pytest.mark.parametrize(
    ("count", "expected"), [(0, []), (4, [[0, 1], [2, 3]]), (5, [[0, 1], [2, 3], [4]])]
)
def test_the_last_batch_may_be_short_and_none_is_empty(
    count: int, expected: list[list[int]]
) -> None:
    assert list(batches(iter(range(count)), 2)) == expected
