# SPDX-License-Identifier: MPL-2.0

"""Symbolication from a folder of symbol files, without a server."""

from itertools import chain
from pathlib import Path

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


def symbolicate_offline(request: bytes, folder: Path) -> bytes:
    """Answer a v5 request from the symbol files in a folder.

    Raises InvalidRequestError and LimitExceededError.
    """
    jobs = parse_v5(request, Limits())
    answer = V5Answer(jobs, symbolicate(jobs, FolderSupplier(folder)))
    return b"".join(chain.from_iterable(answer.chunks()))
