# SPDX-License-Identifier: MPL-2.0

"""Lookups in real and generated files, each compared with Sentry's ``symbolic``."""

import gzip
from collections import Counter
from pathlib import Path

import pytest
from benchmarks.generator import generate
from symbolic.debuginfo import Archive
from symbolic.symcache import SymCache
from tests.reference.parts import part_of
from tests.reference.symbolic_frames import BEYOND, NO_LINE, compare_one

from tecken.core.symbols.symbol_file import SymbolFile

pytestmark = pytest.mark.usefixtures("_no_garbage_collection")

REAL_FILES = {
    "libc.so.6": 8_000,
    "libstdc++.so.6": 8_000,
    "python3.13": 8_000,
    "qipcap64.pdb": 2_000,
    "radosgw": 8_000,
    "rbd-nbd": 8_000,
}
# Share of the addresses that may lie beyond a FUNC, and number of those without a line record.
MOST_BEYOND = 0.12
MOST_WITHOUT_LINE = 5


@pytest.mark.real_data
@pytest.mark.parametrize(("module", "count"), REAL_FILES.items())
def test_real_files_are_answered_as_by_symbolic(module: str, count: int, real_data: Path) -> None:
    [path] = real_data.glob(f"symbols/{module}/*/*.sym.gz")
    text = gzip.decompress(path.read_bytes())
    functions = 60 if module == "radosgw" else 300
    differences = compare(path, text, functions=functions, count=count)
    assert differences[BEYOND] < MOST_BEYOND * count
    assert differences[NO_LINE] <= MOST_WITHOUT_LINE


def test_a_generated_file_is_answered_as_by_symbolic(tmp_path: Path) -> None:
    chunks: list[bytes] = []
    generate(chunks.append, megabytes=4, seed=5)
    text = b"".join(chunks)
    path = tmp_path / "libgenerated.so.sym"
    path.write_bytes(text)
    differences = compare(path, text, functions=100, count=5000)
    assert differences[BEYOND] < MOST_BEYOND * 5000
    assert differences[NO_LINE] <= MOST_WITHOUT_LINE


def compare(path: Path, text: bytes, *, functions: int, count: int) -> Counter[str]:
    """Compare all answers, and count the differences that are explained above."""
    part, addresses = part_of(text, functions=functions, count=count, seed=4)
    symcache = SymCache.from_object(next(Archive.from_bytes(part).iter_objects()))
    with SymbolFile.open(path) as symbols:
        answers = symbols.lookup_many(addresses)
    differences: Counter[str] = Counter()
    for address, answer in zip(addresses, answers, strict=True):
        differences[compare_one(symcache, address, answer)] += 1
    assert sum(differences.values()) == count
    return differences
