# SPDX-License-Identifier: MPL-2.0

from pathlib import Path

from benchmarks.unlucky import run


def test_nothing_is_wrong_or_lost_while_everything_goes_wrong(tmp_path: Path) -> None:
    unlucky = run(tmp_path, minutes=0.07, clients=20, kill_seconds=(1, 2))
    assert unlucky.faults == []
    assert unlucky.uploaded
    assert unlucky.counts["symbolication: 200"]
    assert unlucky.counts["kill"]
