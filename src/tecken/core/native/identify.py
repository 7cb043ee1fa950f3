# SPDX-License-Identifier: MPL-2.0

"""What a file of a build is, and which modules it is of: read from its content, never from its name.

Only headers are read, and each of them within bounds, whatever sizes a file claims.
"""

import os
from pathlib import Path
from typing import Final

from tecken.core.errors import UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.elf_ids import identify_elf
from tecken.core.native.kinds import HEAD_BYTES, Identified, Kind, kind_of
from tecken.core.native.macho_ids import identify_macho
from tecken.core.native.pdb import identify_pdb
from tecken.core.native.pe import identify_pe
from tecken.core.native.source_bundle import identify_source_bundle

_IDENTIFIERS: Final = {
    Kind.ELF: identify_elf,
    Kind.PE: identify_pe,
    Kind.PDB: identify_pdb,
    Kind.SOURCEBUNDLE: identify_source_bundle,
}


def identify(content: Content, name: str) -> tuple[Identified, ...]:
    """Return what a native file is to each of its modules: one, or one for each slice of a fat Mach-O file.

    ``name`` is the file's own, without its folder. Raises NativeFileError: UnsupportedNativeFileError for what
    is no native file.
    """
    kind = kind_of(content.cut(0, min(HEAD_BYTES, content.size)))
    if kind == Kind.MACHO:
        return identify_macho(content, name)
    if kind not in _IDENTIFIERS:
        raise UnsupportedNativeFileError("it is no native file of a kind that is known")
    return (_IDENTIFIERS[kind](content, name),)


def identify_file(path: str | os.PathLike[str], name: str = "") -> tuple[Identified, ...]:
    """Return what the native file at a path is; see ``identify``. Raises NativeFileError, and OSError."""
    return identify(Content.of_file(path), name or Path(path).name)


def kind_of_file(path: Path) -> Kind:
    """Return the kind of a file. Raises OSError."""
    with path.open("rb") as file:
        return kind_of(file.read(HEAD_BYTES))
