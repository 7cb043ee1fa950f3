# SPDX-License-Identifier: MPL-2.0

"""A DLL and its PDB, as clang and lld make them: see ``make_windows_files``."""

import zipfile
from pathlib import Path

ARCHITECTURES = ["x64", "x86"]


def windows_file(name: str) -> bytes:
    """Return ``x64/sample.dll``, ``x64/sample.pdb``, ``x64/expected.json``, or those of ``x86``."""
    with zipfile.ZipFile(Path(__file__).parent / "native" / "windows.zip") as archive:
        return archive.read(name)
