# SPDX-License-Identifier: MPL-2.0

"""Lay out files of a build for ``/upload/``: which goes under which key, and the zip of all.

A symbol file goes where its MODULE line says, wherever it lies: a folder of builds may be named by
a commit, which looks like an id. So does a native file, which is told by its content. Other files of a
symbol store (``.pd_``, ``.dbg.gz``, …) say nothing about themselves: they are taken when they lie at
``<module>/<hex id>/<file>``.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from tecken.client.errors import ClientError
from tecken.client.gzips import MAGIC, DamagedGzipError, iter_inflated, iter_plain
from tecken.core.errors import InvalidNameError, MalformedSymbolFileError, NativeFileError
from tecken.core.identifiers import NativeKey, SymbolKey
from tecken.core.native.identify import identify_file, kind_of_file
from tecken.core.symbols.records import ModuleRecord, parse_module_record

SYMBOL_FILE_ENDINGS = (".sym", ".sym.gz")
# What a symbol server is asked for besides symbol files; see SPEC section 4, "Ignored at once".
ARTEFACT_ENDINGS = (".dl_", ".ex_", ".pd_", ".dbg.gz", ".tar.bz2")
# On symbol files three times as fast as 6, for 7 % more bytes.
COMPRESSION_LEVEL = 4


@dataclass(frozen=True, slots=True)
class Member:
    """A file and the key that it is uploaded under. ``gzipped``: it is inflated on the way.

    A native file has another ``name`` in the zip, which ends in its own: that tells of its module. ``has`` counts
    what it has.
    """

    path: Path
    key: SymbolKey
    gzipped: bool
    name: str = ""
    has: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not uploaded, and why. ``missed``: it looks like one that should have been."""

    path: Path
    reason: str
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """What becomes of the files that were found, ordered by key and by path."""

    members: tuple[Member, ...]
    left_out: tuple[LeftOut, ...]


def lay_out(paths: Iterable[Path]) -> Layout:
    """Lay out files and the contents of folders.

    Raises ClientError for a path that is not there and for a named file that cannot be used; what
    cannot be used inside a folder is left out.
    """
    members: dict[SymbolKey, Member] = {}
    left_out: list[LeftOut] = []
    for path in paths:
        for file in files_below(path):
            found = _member(file)
            if isinstance(found, LeftOut):
                if file == path:
                    raise ClientError(f"{path}: {found.reason}")
                left_out.append(found)
                continue
            first = members.setdefault(found.key, found)
            if found.has > first.has:
                members[found.key], found, first = found, first, found
            if first.path.absolute() != found.path.absolute():
                left_out.append(LeftOut(found.path, f"{first.path} has the same key"))
    return Layout(
        tuple(sorted(members.values(), key=lambda member: str(member.key))),
        tuple(sorted(left_out, key=lambda out: out.path)),
    )


def write_zip(members: Iterable[Member], target: BinaryIO) -> None:
    """Write the zip of all members as they stream by; the same members give the same bytes.

    Raises DamagedGzipError.
    """
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL) as archive:
        for member in members:
            # The size is not known beforehand: force_zip64 leaves room for any.
            with (
                member.path.open("rb") as source,
                archive.open(member.name or str(member.key), "w", force_zip64=True) as file,
            ):
                for chunk in iter_inflated(source) if member.gzipped else iter_plain(source):
                    file.write(chunk)


def files_below(path: Path) -> Iterator[Path]:
    """Yield a file, or all files of a folder in order. Raises ClientError for what is not there."""
    if not path.is_dir():
        if not path.exists():
            raise ClientError(f"{path}: no such file or folder")
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            yield Path(folder, name)


def _member(path: Path) -> Member | LeftOut:
    name = path.name.lower()
    try:
        if name.endswith(SYMBOL_FILE_ENDINGS):
            return _symbol_file(path)
        if name.endswith(ARTEFACT_ENDINGS):
            return Member(path, key_of_path(path), gzipped=False)
        if path.is_file() and kind_of_file(path).is_native:
            return _native_file(path)
    except (InvalidNameError, MalformedSymbolFileError, DamagedGzipError) as error:
        return LeftOut(path, str(error), missed=name.endswith(SYMBOL_FILE_ENDINGS))
    except NativeFileError as error:
        # Build folders have many of them, and the packed ones are what is wanted.
        return LeftOut(path, error.reason, missed=not name.endswith(".dwo"))
    return LeftOut(path, "neither a .sym file nor another file of a symbol store")


def _native_file(path: Path) -> Member | LeftOut:
    name = path.resolve().name  # that a link has another name says nothing
    with_id = [module for module in identify_file(path, name) if module.native_id]
    if not with_id:
        return LeftOut(path, "it has no id, such as a build id")
    first = with_id[0]
    key = NativeKey.of_id(first.native_id, first.role)
    zip_name = f"native/{first.native_id}/{first.role}/{name}"
    return Member(path, key, gzipped=False, name=zip_name, has=len(first.has))


def _symbol_file(path: Path) -> Member:
    module, gzipped = read_module_record(path)
    return Member(path, SymbolKey.of_module(module.debug_file, module.debug_id), gzipped)


def read_module_record(path: Path) -> tuple[ModuleRecord, bool]:
    """Return the MODULE record of a symbol file, and whether that is gzip.

    Raises MalformedSymbolFileError, DamagedGzipError and OSError.
    """
    with path.open("rb") as file:
        gzipped = file.read(2) == MAGIC
        file.seek(0)
        chunk = next(iter_inflated(file) if gzipped else iter_plain(file), b"")
    return parse_module_record(chunk.partition(b"\n")[0]), gzipped


def key_of_path(path: Path) -> SymbolKey:
    """Return the key that the last three parts of a path are. Raises InvalidNameError."""
    return SymbolKey.parse("/".join(path.absolute().parts[-3:]))
