# SPDX-License-Identifier: MPL-2.0

from pathlib import Path

from benchmarks.agreement import Comparison
from benchmarks.generator import generate
from tests.reference.symbolic_frames import BEYOND, NO_LINE, SAME


def test_random_addresses_are_answered_as_by_symbolic_and_the_slow_reader(tmp_path: Path) -> None:
    path = tmp_path / "libgenerated.so.sym"
    with path.open("wb") as file:
        generate(file.write, megabytes=2, seed=7)
    comparison = Comparison(path, functions=60, seed=1)
    comparison.run_batch()
    assert comparison.compared > 5_000
    assert comparison.compared_slowly > 250
    assert comparison.differences.keys() <= {SAME, BEYOND, NO_LINE}
    assert comparison.differences[SAME] > 0.8 * comparison.compared
