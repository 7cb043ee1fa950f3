# SPDX-License-Identifier: MPL-2.0

from benchmarks.soak import run


def test_all_answers_are_right_while_files_are_replaced_and_caches_damaged() -> None:
    soak = run(seconds=3, modules=9)
    assert all(soak.counts.values()), soak.counts
    assert any(soak.current)
