# SPDX-License-Identifier: MPL-2.0

"""Derive the text of a Breakpad symbol file from a native one.

``derive`` does all of it. To have several processes do it, one runs ``inflate_sections``, then each
``derive_share`` for one of the shares, and then one ``join_shares``, which makes the text of them. All take paths, so
that they can be tasks of a process pool. ``share_progress`` tells how far a share has come.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tecken.core.native.dwarf.names import Names
from tecken.core.native.dwarf.units import Unit
from tecken.core.native.model import Derived, NativeFiles, max_text_bytes
from tecken.core.native.opened import OpenedFiles
from tecken.core.native.share_file import Share, ShareWriter
from tecken.core.native.share_progress import ShareProgress
from tecken.core.native.symbol_text import SymbolText
from tecken.core.native.unit_symbols import (
    UnitSymbols,
    bytes_of_share,
    damage_named,
    units_of_share,
)
from tecken.core.native.windows import derive_windows, is_of_windows
from tecken.core.tempfiles.checked_file import open_checked


def derive(files: NativeFiles, output: Path) -> Derived:
    """Write the symbols of a module to ``output``, and return what there is.

    Temporary files go beside it. Raises NativeFileError, and OSError.
    """
    if is_of_windows(files):
        return derive_windows(files, output)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".derive-") as folder:
        share, inflated = Path(folder, "share"), Path(folder, "inflated")
        share.mkdir()
        inflated.mkdir()
        files = replace(files, inflated=files.inflated or inflated)
        derive_share(files, share)
        return join_shares(files, [share], output)


def inflate_sections(files: NativeFiles) -> None:
    """Inflate the sections of the debug information into the folder ``files.inflated``, before several shares are read.

    Raises NativeFileError, and OSError.
    """
    _ = OpenedFiles(files).debug_file


def derive_share(files: NativeFiles, folder: Path, share: int = 0, shares: int = 1) -> None:
    """Write the symbols of one of several shares of the debug information to an empty folder.

    ``share`` is its number, from 0. What several have of one function comes from the first unit in the end.
    Raises NativeFileError, and OSError.
    """
    opened = OpenedFiles(files)
    size = opened.debug_file.sections.size if opened.debug_file else 0
    with ShareWriter(folder, max_text_bytes(size), files.free_space) as writer:
        symbols = UnitSymbols(writer, share, opened.bounds)
        if opened.debug_file is None:
            return
        names = Names(opened.debug_file)
        progress = ShareProgress(folder, bytes_of_share(opened.debug_file, share, shares))
        for unit in units_of_share(opened.debug_file, share, shares):
            progress.note(unit.header.end - unit.header.start)
            if unit.is_skeleton:
                _write_split(unit, symbols, opened, writer)
            else:
                symbols.write(unit, names, unit.start)


def _write_split(
    skeleton: Unit, symbols: UnitSymbols, opened: OpenedFiles, writer: ShareWriter
) -> None:
    """Write what was split from a unit, or the lines alone where that is not there."""
    with damage_named("the file with split units"):
        unit = opened.split_units.unit_of(skeleton) if opened.split_units else None
    if unit is None:
        writer.lacks.add("split")
    found = unit or skeleton
    symbols.write(found, Names(found.file), skeleton.start)


def join_shares(files: NativeFiles, folders: Sequence[Path], output: Path) -> Derived:
    """Write the text of all shares, and of what does not come from debug information.

    Raises NativeFileError, and OSError.
    """
    opened = OpenedFiles(files)
    with open_checked(output, files.free_space, 1024 * 1024) as file:
        text = SymbolText(file, opened, [Share(folder) for folder in folders])
        return text.write(files.name)
