# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Lookups in real and generated files, each compared with Sentry's ``symbolic``.

Function, offset, file, line and inlined calls are the same, except for these differences:

- **Beyond the end of a FUNC** ``symbolic`` finds nothing. We name the symbol with the greatest start
  at or below the address, as SPEC 3.3 says and as the original service did; it has no file and line.
- **Inlined calls without a line record.** Where no line record covers the address ``symbolic`` gives
  the function alone; we give the calls too, the innermost without file and line. In real files this
  is a matter of single addresses (python3.13 has one at 0x46d4f).
- **Paths.** ``symbolic`` resolves ``./`` and ``..`` in a path; we give paths as recorded. Compared
  are resolved paths.
"""

import gzip
import posixpath
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from benchmarks.generator import generate
from symbolic.debuginfo import Archive
from symbolic.symcache import SymCache
from tests.reference import breakpad
from tests.reference.interesting import sample

from tecken.core.symbols.lookup import Symbol
from tecken.core.symbols.symbol_file import SymbolFile

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


@dataclass(frozen=True)
class Frame:
    """One function of an answer, where it begins if it is the real one, and its place."""

    function: str | None
    file: str | None
    line: int | None


@pytest.mark.real_data
@pytest.mark.parametrize(("module", "count"), REAL_FILES.items())
def test_real_files_are_answered_as_by_symbolic(module: str, count: int, real_data: Path) -> None:
    [path] = real_data.glob(f"symbols/{module}/*/*.sym.gz")
    text = gzip.decompress(path.read_bytes())
    functions = 150 if module == "radosgw" else 1000
    differences = compare(path, text, functions=functions, count=count)
    assert differences["beyond a FUNC"] < MOST_BEYOND * count
    assert differences["no line record"] <= MOST_WITHOUT_LINE


def test_a_generated_file_is_answered_as_by_symbolic(tmp_path: Path) -> None:
    pieces: list[bytes] = []
    generate(pieces.append, megabytes=4, seed=5)
    text = b"".join(pieces)
    path = tmp_path / "libgenerated.so.sym"
    path.write_bytes(text)
    differences = compare(path, text, functions=100, count=5000)
    assert differences["beyond a FUNC"] < MOST_BEYOND * 5000
    assert differences["no line record"] <= MOST_WITHOUT_LINE


def compare(path: Path, text: bytes, *, functions: int, count: int) -> Counter[str]:
    """Compare all answers, and count the differences that are explained above."""
    addresses = sample(breakpad.read(text), functions=functions, count=count, seed=4)
    symcache = SymCache.from_object(next(Archive.from_bytes(text).iter_objects()))
    with SymbolFile.open(path) as symbols:
        answers = symbols.lookup_many(addresses)
    differences: Counter[str] = Counter()
    for address, answer in zip(addresses, answers, strict=True):
        differences[compare_one(symcache, address, answer)] += 1
    assert sum(differences.values()) == count
    return differences


def compare_one(symcache: SymCache, address: int, answer: Symbol | None) -> str:
    found = symcache.lookup(address)
    if not found and answer and is_beyond(answer):
        return "beyond a FUNC"
    theirs = [Frame(frame.symbol, resolved(frame.full_path), frame.line or None) for frame in found]
    ours = frames_of(answer)
    if answer and answer.inlines and ours[0].file is None and len(theirs) == 1:
        assert theirs[0].function == answer.function
        return "no line record"
    assert ours == theirs, hex(address)
    if answer:
        assert found[-1].sym_addr == address - answer.function_offset
    return "none"


def frames_of(answer: Symbol | None) -> Sequence[Frame]:
    """Return the functions of an answer, innermost first, as ``symbolic`` does."""
    if answer is None:
        return []
    calls = [Frame(call.function, resolved(call.file), call.line) for call in answer.inlines]
    return [*calls, Frame(answer.function, resolved(answer.file), answer.line)]


def is_beyond(answer: Symbol) -> bool:
    return answer.function_size is not None and answer.function_offset >= answer.function_size


def resolved(path: str | None) -> str | None:
    if path is None or path[1:2] == ":":
        return path
    return posixpath.normpath(path)
