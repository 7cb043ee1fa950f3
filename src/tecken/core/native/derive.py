# SPDX-License-Identifier: MPL-2.0

"""Derive the text of a Breakpad symbol file from a native one.

``derive`` does all of it. To have several processes do it, each runs ``derive_part`` for one of the parts, and
``join_parts`` makes the text of them. All take paths, so that they can be tasks of a process pool.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tecken.core.native.dwarf.names import Names
from tecken.core.native.dwarf.units import Unit
from tecken.core.native.model import Derived, NativeFiles
from tecken.core.native.opened import OpenedFiles
from tecken.core.native.part_file import Part, PartWriter
from tecken.core.native.symbol_text import SymbolText
from tecken.core.native.unit_symbols import UnitSymbols, damage_named, units_of_part
from tecken.core.native.windows import derive_windows, is_of_windows


def derive(files: NativeFiles, output: Path) -> Derived:
    """Write the symbols of a module to ``output``, and return what there is.

    Temporary files go beside it. Raises NativeFileError, and OSError.
    """
    if is_of_windows(files):
        return derive_windows(files, output)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".derive-") as folder:
        part = Path(folder)
        derive_part(files, part)
        return join_parts(files, [part], output)


def derive_part(files: NativeFiles, folder: Path, part: int = 0, parts: int = 1) -> None:
    """Write the symbols of one of several parts of the debug information to an empty folder.

    Raises NativeFileError, and OSError.
    """
    opened = OpenedFiles(files)
    with PartWriter(folder) as writer:
        symbols = UnitSymbols(writer, part, opened.bounds)
        if opened.debug_file is None:
            return
        names = Names(opened.debug_file)
        for unit in units_of_part(opened.debug_file, part, parts):
            if unit.is_skeleton:
                _write_split(unit, symbols, opened, writer)
            else:
                symbols.write(unit, names)


def _write_split(
    skeleton: Unit, symbols: UnitSymbols, opened: OpenedFiles, writer: PartWriter
) -> None:
    """Write what was split from a unit, or the lines alone where that is not there."""
    with damage_named("the file with split units"):
        unit = opened.split_units.unit_of(skeleton) if opened.split_units else None
    if unit is None:
        writer.lacks.add("split")
    found = unit or skeleton
    symbols.write(found, Names(found.file))


def join_parts(files: NativeFiles, folders: Sequence[Path], output: Path) -> Derived:
    """Write the text of all parts, and of what does not come from debug information.

    Raises NativeFileError, and OSError.
    """
    opened = OpenedFiles(files)
    with output.open("wb", buffering=1024 * 1024) as file:
        text = SymbolText(file, opened, [Part(folder) for folder in folders])
        return text.write(files.name)
