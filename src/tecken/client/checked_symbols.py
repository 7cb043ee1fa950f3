# SPDX-License-Identifier: MPL-2.0

"""What files of a build are, and what a server would make of them: nothing is sent."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tecken.client.errors import ClientError
from tecken.client.gzips import DamagedGzipError
from tecken.client.layout import (
    ARTEFACT_ENDINGS,
    SYMBOL_FILE_ENDINGS,
    files_below,
    key_of_path,
    read_module_record,
)
from tecken.client.unpacking import is_tar, is_zip, unpack
from tecken.core.errors import InvalidNameError, MalformedSymbolFileError, NativeFileError
from tecken.core.identifiers import NativeKey, SymbolKey, is_hex_id
from tecken.core.native.identify import identify_file, kind_of_file
from tecken.core.native.kinds import HEAD_BYTES, Kind, kind_of

_NO_ID = "it has no id, such as a build id, by which it could be asked for"


@dataclass(frozen=True, slots=True)
class CheckedModule:
    """A module that a file is of. ``symbol_key`` is where symbols that are derived from it would lie, or empty."""

    debug_file: str
    debug_id: str
    code_file: str
    code_id: str
    arch: str
    has: tuple[str, ...]
    lacks: tuple[str, ...]
    symbol_key: str


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file. ``key`` is what it would be stored under, empty where it would not be; then ``problem`` says why.

    ``name`` is its path, after that of the archive that it lies in.
    """

    name: str
    kind: Kind
    key: str = ""
    modules: list[CheckedModule] = field(default_factory=list)
    problem: str = ""


def check_symbols(paths: Iterable[Path]) -> Iterator[CheckedFile]:
    """Check files, and all that is in folders, tars and zips. Raises ClientError and OSError."""
    for path in paths:
        for file in files_below(path):
            if (file == path and is_tar(file)) or (is_zip(file) and _is_plain_zip(file)):
                yield from _in_archive(file)
            else:
                yield _check(file, str(file))


def _in_archive(path: Path) -> Iterator[CheckedFile]:
    with tempfile.TemporaryDirectory(prefix="tecken-") as temporary:
        folder = Path(temporary)
        try:
            unpack(path, folder)
        except ClientError as error:
            yield CheckedFile(str(path), Kind.OTHER, problem=str(error))
            return
        for file in files_below(folder):
            yield _check(file, f"{path}: {file.relative_to(folder)}")


def _is_plain_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return kind_of(file.read(HEAD_BYTES)) == Kind.OTHER


def _check(path: Path, name: str) -> CheckedFile:
    if not path.is_file():
        return CheckedFile(name, Kind.OTHER, problem="it is no file")
    kind = kind_of_file(path)
    lower = path.name.lower()
    try:
        if kind.is_native:
            return _check_native(path, name, kind)
        if lower.endswith(SYMBOL_FILE_ENDINGS):
            return _check_symbol_file(path, name)
        if lower.endswith(ARTEFACT_ENDINGS):
            return CheckedFile(name, Kind.OTHER, str(key_of_path(path)))
    except NativeFileError as error:
        return CheckedFile(name, kind, problem=error.reason)
    except (InvalidNameError, MalformedSymbolFileError, DamagedGzipError) as error:
        return CheckedFile(name, kind, problem=str(error))
    return CheckedFile(name, kind, problem="it is no file of a symbol store")


def _check_native(path: Path, name: str, kind: Kind) -> CheckedFile:
    found = identify_file(path, path.resolve().name)
    modules = [
        CheckedModule(
            debug_file=module.debug_file,
            debug_id=module.debug_id,
            code_file=module.code_file,
            code_id=module.code_id,
            arch=module.arch,
            has=module.has,
            lacks=module.lacks,
            symbol_key=_symbol_key(module.debug_file, module.debug_id)
            if module.is_derivable
            else "",
        )
        for module in found
    ]
    with_id = [module for module in found if module.native_id]
    if not with_id:
        return CheckedFile(name, kind, modules=modules, problem=_NO_ID)
    return CheckedFile(
        name, kind, str(NativeKey.of_id(with_id[0].native_id, with_id[0].role)), modules
    )


def _symbol_key(debug_file: str, debug_id: str) -> str:
    try:
        if is_hex_id(debug_file):  # of a debug file that is called by its build id
            return str(SymbolKey.of_module(debug_id, debug_id))
        return str(SymbolKey.of_module(debug_file, debug_id))
    except InvalidNameError:
        return ""


def _check_symbol_file(path: Path, name: str) -> CheckedFile:
    record, _ = read_module_record(path)
    key = SymbolKey.of_module(record.debug_file, record.debug_id)
    module = CheckedModule(key.debug_file, key.debug_id, "", "", record.arch, (), (), str(key))
    return CheckedFile(name, Kind.BREAKPAD, str(key), [module])
