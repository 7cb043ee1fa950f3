# SPDX-License-Identifier: MPL-2.0

"""Symbolication from a folder of symbol files and native files, without a server."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from glob import escape
from itertools import chain
from pathlib import Path
from tempfile import gettempdir

from tecken.core.crash_texts.encodings import decode
from tecken.core.crash_texts.naming import NamedCrash, name_frames
from tecken.core.crash_texts.reader import read_crash_text
from tecken.core.crash_texts.resolve import Guessed
from tecken.core.errors import NativeFileError, ObjectNotFoundError
from tecken.core.identifiers import SymbolKey
from tecken.core.native.identify import identify_file, kind_of_file
from tecken.core.native.kinds import Identified, Role
from tecken.core.native.split_ids import split_ids_of
from tecken.core.symbolicate import symbolicate
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.symbol_file import SymbolFile
from tecken.core.symbols.table import BreakpadTable
from tecken.symbolication.answers import V5Answer
from tecken.symbolication.limits import Limits
from tecken.symbolication.schemas import parse_v5


@dataclass(slots=True)
class _NativeParts:
    """The files of one build of a module."""

    executable: Path | None = None
    debug: Path | None = None
    most: int = -1
    modified: float = 0.0
    names: frozenset[str] = frozenset()
    arch: str = ""
    may_be_split: bool = False

    def add(self, path: Path, module: Identified) -> None:
        self.arch = module.arch
        self.may_be_split = self.may_be_split or module.may_be_split
        self.names |= {module.debug_file, module.code_file}
        self.modified = max(self.modified, path.stat().st_mtime)
        if module.role == Role.DEBUGINFO:
            self.debug = path
        elif len(module.has) > self.most:
            self.executable, self.most = path, len(module.has)


def _native_files(folder: Path) -> Iterator[tuple[Path, Identified]]:
    """Yield what the native files in a folder are that have an id; what is damaged is left out."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with suppress(OSError, NativeFileError):
            if kind_of_file(path).is_derivable:
                for module in identify_file(path):
                    if module.is_derivable or module.split_ids:
                        yield path, module


class FolderSupplier:
    """Finds ``<debug file>/<DEBUG ID>/<symbol file>`` in a folder, or the same with ``.gz``.

    What has no symbol file there is sought among the native files of the folder, by its debug id. A folder of files that a build left, not a bucket: nothing is written to it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: dict[Path, SymbolFile] = {}
        self._derived: dict[str, SymbolFile] = {}

    def table_of(self, key: SymbolKey, log: ReadLog) -> BreakpadTable:
        """Open the symbol file of a key. Raises ObjectNotFoundError, MalformedSymbolFileError."""
        plain = self._folder / str(key)
        for path in (plain, plain.with_name(f"{plain.name}.gz")):
            if path not in self._opened and path.is_file():
                self._opened[path] = SymbolFile.open(path)
            if path in self._opened:
                return self._opened[path].table
        return self._derived_from(key).table

    def _derived_from(self, key: SymbolKey) -> SymbolFile:
        if key.debug_id not in self._derived:
            parts = self._natives.get(key.debug_id) or _NativeParts()
            path = parts.executable or parts.debug
            if path is None:
                raise ObjectNotFoundError(str(self._folder), str(key))
            debug = parts.debug if parts.executable else None
            self._derived[key.debug_id] = SymbolFile.open_native(
                path, debug, key.debug_file, parts.arch, self._split_of(parts)
            )
        return self._derived[key.debug_id]

    def _split_of(self, parts: _NativeParts) -> Path | None:
        """Return the file with the split units that a module refers to, if it is in the folder."""
        if not parts.may_be_split:
            return None
        wanted: set[int] = set()
        with suppress(OSError, NativeFileError):
            for path in filter(None, (parts.debug, parts.executable)):
                wanted.update(split_ids_of(path, folder=Path(gettempdir())))
        shared = {path: len(wanted & ids) for path, ids in self._split_ids.items()}
        best = max(shared, key=lambda path: shared[path], default=None)
        return best if best and shared[best] else None

    @property
    def _natives(self) -> dict[str, _NativeParts]:
        """The native files by debug id: of several for the same, the one that has the most."""
        return self._found[0]

    @property
    def _split_ids(self) -> dict[Path, set[int]]:
        """Of each file with split units, some of their ids."""
        return self._found[1]

    @cached_property
    def _found(self) -> tuple[dict[str, _NativeParts], dict[Path, set[int]]]:
        modules: dict[str, _NativeParts] = {}
        split: dict[Path, set[int]] = {}
        for path, module in _native_files(self._folder):
            if module.split_ids:
                split[path] = set(module.split_ids)
            else:
                modules.setdefault(module.debug_id, _NativeParts()).add(path, module)
        return modules, split

    def table_in_memory(self, key: SymbolKey, log: ReadLog) -> BreakpadTable | None:
        """Leave it to ``table_of``: all of it is near."""
        return None

    def newest(self, name: str) -> Guessed | None:
        """Return the module of the newest symbol file of a name, a debug file's or a code file's."""
        stem = Path(name).stem if name.lower().endswith((".dll", ".exe", ".sys")) else name
        for debug_file in (name, f"{stem}.pdb"):
            found = [
                path
                for path in self._folder.glob(f"{escape(debug_file)}/*/*.sym*")
                if path.name.endswith((".sym", ".sym.gz"))
            ]
            if found:
                newest = max(found, key=lambda path: path.stat().st_mtime)
                return Guessed(debug_file, newest.parent.name)
        of_name = [
            (parts.modified, debug_id)
            for debug_id, parts in self._natives.items()
            if name in parts.names
        ]
        return Guessed(name, max(of_name)[1]) if of_name else None


def name_text_offline(
    text: bytes, modules: bytes | None, folder: Path, *, guess: bool
) -> NamedCrash:
    """Name the frames of a crash text from the symbol files in a folder.

    Raises InvalidRequestError for modules that cannot be read.
    """
    supplier = FolderSupplier(folder)
    crash = read_crash_text(
        decode(text),
        decode(modules or b""),
        supplier.newest if guess else None,
    )
    return name_frames(crash, supplier)


def symbolicate_offline(request: bytes, folder: Path) -> bytes:
    """Answer a v5 request from the symbol files in a folder.

    Raises InvalidRequestError and LimitExceededError.
    """
    jobs = parse_v5(request, Limits())
    answer = V5Answer(jobs, symbolicate(jobs, FolderSupplier(folder)))
    return b"".join(chain.from_iterable(answer.chunks()))
