# SPDX-License-Identifier: MPL-2.0

"""Lookups in real and in large generated files, each compared with the slow reader."""

import gzip
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import pytest
from benchmarks.generator import generate
from tests.reference import breakpad
from tests.reference.as_symbols import symbol_of
from tests.reference.parts import part_of

from tecken.core.symbols.symbol_file import SymbolFile

pytestmark = pytest.mark.usefixtures("_no_garbage_collection")

# Module and how many addresses are looked up: edges in some functions, and the starts of many.
REAL_FILES = {
    "libc.so.6": 30_000,
    "libstdc++.so.6": 30_000,
    "python3.13": 30_000,
    "qipcap64.pdb": 2_000,
    "radosgw": 12_000,
    "rbd-nbd": 20_000,
}


@pytest.mark.real_data
@pytest.mark.parametrize(("module", "count"), REAL_FILES.items())
def test_real_files_are_answered_as_the_slow_reader_does(
    module: str, count: int, real_data: Path
) -> None:
    [path] = real_data.glob(f"symbols/{module}/*/*.sym.gz")
    functions = 60 if module == "radosgw" else 500
    text = gzip.decompress(path.read_bytes())
    part, addresses = part_of(text, functions=functions, count=count, seed=1)
    assert len(addresses) == count
    assert_same_answers(path, breakpad.read(part), addresses)


@pytest.mark.real_data
def test_at_least_100_000_addresses_of_real_files_are_compared() -> None:
    assert sum(REAL_FILES.values()) >= 100_000


@pytest.fixture(scope="module")
def generated() -> bytes:
    chunks: list[bytes] = []
    generate(chunks.append, megabytes=4, seed=3)
    return b"".join(chunks)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_generated_file_is_answered_as_the_slow_reader_does(
    compressed: bool, generated: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "libgenerated.so.sym"
    path.write_bytes(gzip.compress(generated, 1) if compressed else generated)
    part, addresses = part_of(generated, functions=60, count=4000, seed=2)
    assert_same_answers(path, breakpad.read(part), addresses)


def test_a_function_of_many_blocks_is_answered_as_the_slow_reader_does(tmp_path: Path) -> None:
    count = 20_000
    lines = b"".join(b"%x 4 %d %d\n" % (0x1000 + 4 * n, n, n % 3) for n in range(count))
    inlines = b"".join(b"INLINE 0 %d 1 0 %x 2\n" % (n, 0x1000 + 4 * n) for n in range(count))
    text = (
        b"MODULE Linux x86_64 0 long\nFILE 0 a\nFILE 1 b\nINLINE_ORIGIN 0 inlined\n"
        b"FUNC 1000 %x 0 long\n%s%sFUNC 10 10 0 next\n10 10 7 0\n" % (4 * count, inlines, lines)
    )
    path = tmp_path / "long.sym"
    path.write_bytes(text)
    addresses = [0x10, 0x1000, 0x1000 + 4 * (count - 1), *range(0x1001, 0x1000 + 4 * count, 4001)]
    assert_same_answers(path, breakpad.read(text), addresses)


def test_names_longer_than_a_usual_block_are_given_whole(tmp_path: Path) -> None:
    name = b"x" * 200_000
    text = b"MODULE Linux x86_64 0 a\nFILE 0 %s\nFUNC 0 10 0 %s\n0 10 7 0\nPUBLIC 20 0 %s\n"
    path = tmp_path / "long-names.sym"
    path.write_bytes(text % (name, name, name))
    assert_same_answers(path, breakpad.read(text % (name, name, name)), [0, 0xF, 0x10, 0x20])


def assert_same_answers(
    path: Path, reference: breakpad.SymbolText, addresses: Sequence[int]
) -> None:
    with SymbolFile.open(path) as symbols:
        assert symbols.module is not None
        assert reference.module is not None
        assert astuple(symbols.module) == astuple(reference.module)
        answers = symbols.lookup_many(addresses)
    for address, answer in zip(addresses, answers, strict=True):
        assert answer == symbol_of(reference.lookup(address)), hex(address)
