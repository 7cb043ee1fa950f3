# SPDX-License-Identifier: MPL-2.0

"""The programs of ``files.zip``, and what belongs to each."""

from pathlib import Path

from tecken.core.native.derive import derive
from tecken.core.native.model import Derived, NativeFiles

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
