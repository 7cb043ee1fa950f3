# SPDX-License-Identifier: MPL-2.0

"""Make ``native/windows.zip`` anew: a DLL and its PDB for x64 and x86, and what ``llvm-symbolizer`` says of each address.

``python -m tests.support.make_windows_files``, on Debian with clang-19, lld-19 and llvm-19. The sources are those of
``tests/core/native/sources``.
"""

import json
import shutil
import subprocess
import sys
import zipfile
from itertools import groupby
from pathlib import Path

from benchmarks.agreement_native import symbolizer_chains
from benchmarks.agreement_windows import PeLayout

HERE = Path(__file__).parent
# The linker notes where objects were, and the id of a PDB is made of all that is in it.
FOLDER = Path("/tmp/tecken-windows-files")  # noqa: S108 - it must be new
SOURCES = HERE.parent / "core" / "native" / "sources"
COMPILE = (
    "clang-19 --target={arch}-pc-windows-msvc -O2 -g -gcodeview -ffreestanding -fno-rtti -ffile-prefix-map={folder}=/source"
    " -fasynchronous-unwind-tables -mno-incremental-linker-compatible -gno-codeview-command-line -c first.cc second.cc plain.c"
)
# What exceptions would need is missing: nobody runs it.
LINK = (
    "lld-link-19 /dll /noentry /nodefaultlib /debug /brepro /force:unresolved /out:sample.dll /pdb:sample.pdb"
    " '/pdbaltpath:c:\\build\\sample.pdb' '/pdbsourcepath:c:\\build' '/export:sell=?sell@@YAHH@Z' /export:by_lambda"
    " first.o second.o plain.o"
)


def answers(path: Path) -> list[object]:
    """Return the addresses, from the module's start, at which another answer begins: [address, [[file, line], …]]."""
    layout = PeLayout(path)
    [(start, end)] = layout.code
    addresses = range(start, end)
    chains = symbolizer_chains(path, [layout.base + address for address in addresses])
    pairs = zip(addresses, chains, strict=True)
    return [[next(group)[0], chain] for chain, group in groupby(pairs, key=lambda pair: pair[1])]


def main() -> None:
    target = HERE / "native" / "windows.zip"
    FOLDER.mkdir()
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, arch in (("x64", "x86_64"), ("x86", "i686")):
                for source in SOURCES.iterdir():
                    shutil.copy(source, FOLDER)
                for command in (COMPILE.format(arch=arch, folder=FOLDER), LINK):
                    sys.stderr.write(f"{command}\n")
                    subprocess.run(["/bin/sh", "-c", command], check=True, cwd=FOLDER)
                for file in ("sample.dll", "sample.pdb"):
                    archive.write(FOLDER / file, f"{name}/{file}")
                expected = json.dumps(answers(FOLDER / "sample.dll"))
                archive.writestr(f"{name}/expected.json", expected)
    finally:
        shutil.rmtree(FOLDER)


if __name__ == "__main__":
    main()
