# SPDX-License-Identifier: MPL-2.0

"""Make ``files.zip`` anew: small programs of several compilers, and what ``llvm-symbolizer`` says of each address.

``python tests/core/native/make_files.py``, on Debian with gcc, clang-19, lld-19, llvm-19 and dwz.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from itertools import groupby
from pathlib import Path

from benchmarks.agreement_native import symbolizer_chains

from tecken.core.native.content import Content
from tecken.core.native.model import NativeFiles
from tecken.core.native.opened import OpenedFiles
from tecken.core.native.relocatable import open_elf

HERE = Path(__file__).parent
GCC = "g++ -x c++ first.cc second.cc -x c plain.c -x assembler hand.s -fPIC -shared -nostdlib -ffile-prefix-map={folder}=/source -Wl,--build-id=sha1"
CLANG = "clang-19 first.cc second.cc plain.c -fPIC -shared -nostdlib -fuse-ld=lld -ffreestanding -ffile-prefix-map={folder}=/source -Wl,--build-id=sha1 -fno-exceptions"
KO = "{compiler} -O2 -g -c -ffreestanding -fno-exceptions -fno-pic -ffunction-sections -ffile-prefix-map={{folder}}=/source"
MAC = "clang++-19 --target={arch}-apple-macos11 -ffreestanding -nostdinc -fno-exceptions -ffile-prefix-map={folder}=/source -O2 -g -c"
RECIPES = {
    "gcc5": f"{GCC} -O2 -g -o gcc5",
    "gcc4": f"{GCC} -O2 -g -gdwarf-4 -gz=zlib -o gcc4",
    "gcc3": f"{GCC} -Os -g -gdwarf-3 -ffunction-sections -Wl,--gc-sections -o gcc3",
    "types": f"{GCC} -O2 -g -gdwarf-4 -fdebug-types-section -o types",
    "gcc64": f"{GCC} -O1 -g -gdwarf64 -o gcc64",
    "lto": f"{GCC} -O2 -g -flto -o lto",
    "clang5": f"{CLANG} -O2 -g -o clang5",
    "clang-zstd": f"{CLANG} -O1 -g -gz=zstd -o clang-zstd",
    "arm64": f"{CLANG} --target=aarch64-linux-gnu -O2 -g -o arm64",
    "i386": f"{CLANG} --target=i386-linux-gnu -O2 -g -gdwarf-4 -o i386",
    "s390x": "clang-19 --target=s390x-linux-gnu plain.c second.cc -O2 -g -ffreestanding -ffile-prefix-map={folder}=/source -c"
    " && ld.lld-19 -shared --build-id=sha1 --noinhibit-exec -o s390x plain.o second.o",
    "split5": f"{CLANG} -O2 -g -gsplit-dwarf -o split5 && llvm-dwp-19 -e split5 -o split5.dwp",
    "split4": f"{CLANG} -O2 -g -gdwarf-4 -gsplit-dwarf -o split4 && llvm-dwp-19 -e split4 -o split4.dwp",
    "splitgcc4": f"{GCC} -O2 -g -gdwarf-4 -gsplit-dwarf -o splitgcc4 && dwp -e splitgcc4 -o splitgcc4.dwp",
    "dwz": "cp gcc5 dwz && cp lto dwz2 && dwz -m dwz.alt -M dwz.alt dwz dwz2",
    **{
        name: " && ".join(
            [
                *(
                    f"{KO.format(compiler=compiler)} {source} -o {name}-{source}.o"
                    for source in ("plain.c", "second.cc", "first.cc")
                ),
                f"{linker} -r --build-id=sha1 -o {name} {name}-plain.c.o {name}-second.cc.o {name}-first.cc.o",
            ]
        )
        for name, compiler, linker in (
            ("ko", "gcc -mcmodel=kernel", "ld"),
            ("ko-arm64", "clang-19 --target=aarch64-linux-gnu -gz=zlib", "ld.lld-19"),
            ("ko-i386", "clang-19 --target=i386-linux-gnu", "ld.lld-19"),
        )
    },
    "mac": " && ".join(
        f"{MAC.format(arch=arch, folder='{folder}')} first.cc second.cc plain.c"
        f" && ld64.lld-19 -arch {arch} -platform_version macos 11.0 11.0 -dylib -undefined dynamic_lookup"
        f" first.o second.o plain.o -o mac-{arch} && dsymutil-19 mac-{arch} -o mac-{arch}.dSYM"
        for arch in ("arm64", "x86_64")
    )
    + " && llvm-lipo-19 -create mac-arm64.dSYM/Contents/Resources/DWARF/* mac-x86_64.dSYM/Contents/Resources/DWARF/* -output mac",
}
ALSO = [
    *("split5.dwp", "split4.dwp", "splitgcc4.dwp", "split5-first.dwo"),
    *("dwz.alt", "gcc5.debug", "gcc5.stripped"),
]


def answers(path: Path, compared: Path, arch: str | None = None) -> list[object]:
    """Return the addresses at which another answer begins, with the answer: [address, [[file, line], …]]."""
    ranges = OpenedFiles(NativeFiles("x", path, arch=arch)).bounds
    addresses = range(ranges.first, ranges.last)
    chains = symbolizer_chains(compared, addresses)
    pairs = zip(addresses, chains, strict=True)
    return [[next(group)[0], chain] for chain, group in groupby(pairs, key=lambda pair: pair[1])]


def linked_as_laid_out(path: Path) -> Path:
    """Link a file of ``ld -r`` so that all its sections are where the product lays them out: the symbolizer knows no layout."""
    sections = [one for one in open_elf(Content.of_file(path)).sections if one.address and one.size]
    places = [f"{one.name} {one.address:#x} : {{ *({one.name}) }}" for one in sections]
    script, linked = path.with_suffix(".lds"), path.with_suffix(".linked")
    script.write_text("\n".join(["SECTIONS {", *places, "}"]))
    linker = "ld" if path.name == "ko" else "ld.lld-19"
    options = ["--unresolved-symbols=ignore-all", "--noinhibit-exec", "-e", "0"]
    subprocess.run([linker, "-T", script, *options, "-o", linked, path], check=True)
    return linked


def run(command: str, folder: Path) -> None:
    """Run a command line in a folder."""
    sys.stderr.write(f"{command}\n")
    subprocess.run(["/bin/sh", "-c", command], check=True, cwd=folder)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in (HERE / "sources").iterdir():
            shutil.copy(source, folder)
        for recipe in RECIPES.values():
            run(recipe.format(folder=folder), folder)
        run("objcopy --only-keep-debug gcc5 gcc5.debug && strip -o gcc5.stripped gcc5", folder)
        run("objcopy --add-gnu-debuglink=gcc5.debug gcc5.stripped", folder)
        expected: dict[str, object] = {}
        for output in RECIPES:
            path = folder / output
            if output == "mac":
                for arch in ("arm64", "x86_64"):
                    [compared] = (folder / f"mac-{arch}.dSYM/Contents/Resources/DWARF").iterdir()
                    expected[f"mac-{arch}"] = answers(path, compared, arch)
            else:
                compared = linked_as_laid_out(path) if output.startswith("ko") else path
                expected[output] = answers(path, folder / "gcc5" if output == "dwz" else compared)
        with zipfile.ZipFile(HERE / "files.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
            for output in [*RECIPES, *ALSO]:
                out.write(folder / output, output)
            out.writestr("expected.json", json.dumps(expected))


if __name__ == "__main__":
    main()
