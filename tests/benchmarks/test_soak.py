# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

from benchmarks.soak import run


def test_all_answers_are_right_while_files_are_replaced_and_caches_damaged() -> None:
    soak = run(seconds=15, modules=9)
    assert all(soak.counts.values()), soak.counts
    assert any(soak.current)
