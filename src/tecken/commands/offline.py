# SPDX-License-Identifier: MPL-2.0

"""Symbolication from a folder of symbol files, without a server."""

from glob import escape
from itertools import chain
from pathlib import Path

from tecken.core.crash_texts.encodings import decode
from tecken.core.crash_texts.naming import NamedCrash, name_frames
from tecken.core.crash_texts.reader import read_crash_text
from tecken.core.crash_texts.resolve import Guessed
from tecken.core.errors import ObjectNotFoundError
from tecken.core.identifiers import SymbolKey
from tecken.core.symbolicate import symbolicate
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.symbol_file import SymbolFile
from tecken.core.symbols.table import BreakpadTable
from tecken.symbolication.answers import V5Answer
from tecken.symbolication.limits import Limits
from tecken.symbolication.schemas import parse_v5


class FolderSupplier:
    """Finds ``<debug file>/<DEBUG ID>/<symbol file>`` in a folder, or the same with ``.gz``.

    A folder of files that a build left, not a bucket: nothing is written to it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: dict[Path, SymbolFile] = {}

    def table_of(self, key: SymbolKey, log: ReadLog) -> BreakpadTable:
        """Open the symbol file of a key. Raises ObjectNotFoundError, MalformedSymbolFileError."""
        plain = self._folder / str(key)
        for path in (plain, plain.with_name(f"{plain.name}.gz")):
            if path not in self._opened and path.is_file():
                self._opened[path] = SymbolFile.open(path)
            if path in self._opened:
                return self._opened[path].table
        raise ObjectNotFoundError(str(self._folder), str(key))

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
        return None


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
