# SPDX-License-Identifier: MPL-2.0

"""The generator: its files look like the real one that it imitates."""

from pathlib import Path

import pytest
from benchmarks.distributions import RADOSGW
from benchmarks.generator import generate
from benchmarks.measure_distribution import deflate_ratio, measure, open_text
from tests.reference import breakpad

# Means and percentiles are met within 35 %: sizes of functions differ by factors of thousands, and
# ten megabytes hold too few of them for more.
TOLERANCE = 0.35


def text_of(megabytes: float, seed: int) -> bytes:
    chunks: list[bytes] = []
    generate(chunks.append, megabytes=megabytes, seed=seed)
    return b"".join(chunks)


@pytest.fixture(scope="module")
def text() -> bytes:
    return text_of(10, 1)


@pytest.fixture(scope="module")
def figures(text: bytes) -> dict[str, float]:
    return measure(text.splitlines(keepends=True))


@pytest.mark.parametrize("name", [name for name in RADOSGW if name != "deflate ratio"])
def test_a_generated_file_is_distributed_like_the_real_one(
    name: str, figures: dict[str, float]
) -> None:
    assert figures[name] == pytest.approx(RADOSGW[name], rel=TOLERANCE)


def test_a_generated_file_deflates_nearly_as_well_as_the_real_one(text: bytes) -> None:
    assert 5 < deflate_ratio([text]) < RADOSGW["deflate ratio"]


def test_a_generated_file_has_the_size_that_was_asked_for(text: bytes) -> None:
    assert len(text) == pytest.approx(10_000_000, rel=0.02)


def test_functions_do_not_overlap(text: bytes) -> None:
    functions = sorted(breakpad.read(text).functions, key=lambda function: function.address)
    ends = [function.address + function.size for function in functions]
    starts = [function.address for function in functions]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


def test_the_same_seed_gives_the_same_file_and_another_gives_another() -> None:
    first, again, other = (text_of(0.1, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.real_data
def test_the_recorded_figures_are_those_of_the_real_file(real_data: Path) -> None:
    [path] = real_data.glob("symbols/radosgw/*/radosgw.sym.gz")
    with open_text(path) as text:
        figures = measure(text)
    # Compressing it all takes too long for a test.
    recorded = {name: value for name, value in RADOSGW.items() if name != "deflate ratio"}
    assert {name: figures[name] for name in recorded} == pytest.approx(recorded, rel=0.01)
