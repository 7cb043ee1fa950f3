# SPDX-License-Identifier: MPL-2.0

"""The programs of ``files.zip``, and what belongs to each."""

import re
from bisect import bisect_right
from pathlib import Path
from typing import Any

from benchmarks.agreement_native import chain_of

from tecken.core.native.derive import derive
from tecken.core.native.model import Derived, NativeFiles
from tecken.core.symbols.symbol_file import SymbolFile

NAMES = [
    "gcc5", "gcc4", "gcc3", "types", "gcc64", "lto", "clang5", "clang-zstd", "arm64", "i386", "s390x",
    "split5", "split4", "splitgcc4", "dwz", "ko", "ko-arm64", "ko-i386", "mac-arm64", "mac-x86_64",
]  # fmt: skip


def files_of(folder: Path, name: str) -> NativeFiles:
    """Return all that there is of a program."""
    if name.startswith("mac-"):
        return NativeFiles("libsample.dylib", debug=folder / "mac", arch=name[4:])
    return NativeFiles(
        "libsample.so",
        folder / name,
        alternate=folder / "dwz.alt" if name == "dwz" else None,
        split=folder / f"{name}.dwp" if name.startswith("split") else None,
    )


def derived_text(files: NativeFiles, folder: Path) -> tuple[str, Derived]:
    """Derive the symbols of a program."""
    output = folder / "derived.sym"
    derived = derive(files, output)
    return output.read_text(encoding="utf-8"), derived


def agrees(output: Path, expected: list[list[Any]], base: int = 0) -> tuple[int, int]:
    """Look up each address of all functions, and return how many of both there are; all is as ``llvm-symbolizer`` says.

    ``expected`` has ``[address, frames]``, each up to the next, where the module begins at ``base``.
    """
    found = re.findall(r"\nFUNC (\w+) (\w+) ", output.read_text(encoding="utf-8"))
    functions = [(int(start, 16), int(size, 16)) for start, size in found]
    addresses = [start + offset for start, size in functions for offset in range(size)]
    with SymbolFile.open(output) as symbols:
        ours = [chain_of(symbol) for symbol in symbols.lookup_many(addresses)]
    starts = [address for address, _ in expected]
    assert ours == [
        [tuple(frame) for frame in expected[bisect_right(starts, base + address) - 1][1]]
        for address in addresses
    ]
    return len(functions), len(addresses)
