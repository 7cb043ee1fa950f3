# SPDX-License-Identifier: MPL-2.0

"""A symbol file on disk, for notebooks and for work without a server.

>>> with SymbolFile.open("xul.sym.gz") as xul:
...     xul.lookup(0xB2E3F7)
"""

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tecken.core.errors import (
    MalformedNativeFileError,
    MalformedSymbolFileError,
    NativeFileError,
    UnsupportedSymbolFileError,
)
from tecken.core.native.identify import kind_of_file
from tecken.core.symbols.lookup import ReadLog, Symbol
from tecken.core.symbols.ranges import FileRanges
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.records import ModuleRecord
from tecken.core.symbols.scan import index_stream
from tecken.core.symbols.table import BreakpadTable


class SymbolFile:
    """An opened symbol file; a context manager. ``table`` answers, ``read_log`` counts what it read.

    Opening streams the file once to index it, in constant memory: plain text is then read where it
    is, of a gzip file a seekable copy is kept in a temporary file.
    """

    def __init__(self, table: BreakpadTable, ranges: FileRanges) -> None:
        self.table = table
        self.read_log = ReadLog()
        self._ranges = ranges

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Open a ``.sym`` file, plain or compressed with gzip, or a native file: see ``open_native``.

        Split units of a program are read from the file beside it that is called like it and ends in ``.dwp``.
        Raises OSError, and MalformedSymbolFileError when it cannot be decompressed.
        """
        if kind_of_file(Path(path)).is_native:
            beside = Path(f"{os.fspath(path)}.dwp")
            return cls.open_native(Path(path), split=beside if beside.is_file() else None)
        return cls._open_text(path)

    @classmethod
    def open_native(
        cls,
        path: Path,
        debug: Path | None = None,
        name: str = "",
        arch: str = "",
        split: Path | None = None,
    ) -> Self:
        """Derive symbols from an executable, or a debug file, and open them.

        ``debug`` is the separate debug file of an executable, and ``split`` has its split units; ``name`` is the module's,
        where that is not the file's, and ``arch`` chooses a slice of a fat Mach-O file. Raises OSError, MalformedSymbolFileError, UnsupportedSymbolFileError.
        """
        # Imported when it is used: who opens symbol files needs no readers of others.
        from tecken.core.native.derive import derive
        from tecken.core.native.model import NativeFiles

        try:
            with tempfile.TemporaryDirectory(prefix="tecken-") as folder:
                text = Path(folder) / "derived.sym"
                files = NativeFiles(
                    name or path.name,
                    executable=path,
                    debug=debug,
                    split=split,
                    arch=arch or None,
                )
                derive(files, text)
                return cls._open_text(text)
        except MalformedNativeFileError as error:
            raise MalformedSymbolFileError(error.reason) from error
        except NativeFileError as error:
            raise UnsupportedSymbolFileError(error.reason) from error

    @classmethod
    def _open_text(cls, path: str | os.PathLike[str]) -> Self:
        with ExitStack() as stack:
            file = stack.enter_context(Path(path).open("rb"))
            copy = stack.enter_context(tempfile.TemporaryFile())
            index = index_stream(file, copy.write, object_id="")
            copy.flush()
            source = copy if index.encoding == "gzip" else file
            ranges = FileRanges(os.dup(source.fileno()))
            return cls(BreakpadTable(index, BlockReader(index, ranges)), ranges)

    @property
    def module(self) -> ModuleRecord | None:
        """The MODULE record."""
        return self.table.index.head.module

    def lookup(self, address: int) -> Symbol | None:
        """Return the symbol of an address, in bytes from the start of the module."""
        return self.lookup_many([address])[0]

    def lookup_many(self, addresses: Sequence[int]) -> list[Symbol | None]:
        """Return the symbols of many addresses at once, which reads less than one by one."""
        return self.table.lookup(addresses, self.read_log)

    def close(self) -> None:
        """Close the file and drop its seekable copy."""
        self._ranges.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
