# SPDX-License-Identifier: MPL-2.0

"""A folder of what stacks are unwound by, laid out as other programs look for symbol files.

``libc.so.6/1A0DF793E38A8E4F63C223F1500327FB0/libc.so.6.sym``; see ``unwinding`` for what is in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from django.conf import settings

from tecken.core.concurrency.at_once import map_at_once
from tecken.core.errors import (
    BeingFetchedError,
    InvalidNameError,
    ModuleUnreachableError,
    NoRoomError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageError,
    SymbolFileError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.symbolicate import Job, Module
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.table import BreakpadTable
from tecken.core.symbols.unwinding import unwinding_file
from tecken.core.table_suppliers import Supplier
from tecken.core.tempfiles.spooling import FreeSpace, spooling
from tecken.symbolication.services import supplier_for
from tecken.web.compute_turns import turn_to_compute

_ATTEMPTS = 3  # an object may be replaced while it is read
_GUID_DIGITS = 32


class LaidOutSymbols:
    """Writes what is wanted of modules into a folder, ``max_bytes`` of it at most."""

    def __init__(
        self, folder: Path, max_bytes: int, code_ids: Mapping[Module, str] = MappingProxyType({})
    ) -> None:
        """Make the folder. Raises NoRoomError."""
        with spooling():
            folder.mkdir()
        self._folder = folder
        self._code_ids = code_ids
        self._left_bytes = max_bytes
        self._free_space = FreeSpace(folder, settings.UPLOAD_MIN_FREE_BYTES, "minidumps")

    def add(self, modules: Sequence[Module]) -> bool:
        """Lay out what there is of modules, those that come first at all events; say whether there was any.

        One that would go beyond the limit is left out. Raises ModuleUnreachableError, NoRoomError.
        """
        supplier = supplier_for([Job(modules, [], self._code_ids)])
        tables = map_at_once(
            lambda module: _table_of(module, supplier), modules, supplier.modules_at_once
        )
        found = [
            self._write(module, table, supplier)
            for module, table in zip(modules, tables, strict=True)
            if table is not None
        ]
        return any(found)

    def _write(self, module: Module, table: BreakpadTable, supplier: Supplier) -> bool:
        path = self._path_of(module)
        with spooling():
            path.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(_ATTEMPTS):
            try:
                with suppress(ObjectChangedError):
                    return self._write_records(path, table, is_near=supplier.modules_at_once == 1)
                table = supplier.table_of(SymbolKey.of_module(*module), ReadLog())
            except (ObjectNotFoundError, SymbolFileError):
                break
            except NoRoomError:
                raise
            except StorageError as error:
                raise _unreachable(module, error) from error
        path.unlink(missing_ok=True)
        return False

    def _write_records(self, path: Path, table: BreakpadTable, *, is_near: bool) -> bool:
        size = 0
        with spooling(), path.open("wb") as file:
            records = unwinding_file(table.head, table.stack_records(ReadLog()))
            for chunk in _in_turns(records) if is_near else records:
                size += len(chunk)
                if size > self._left_bytes:
                    break
                for portion in self._free_space.portions(chunk):
                    file.write(portion)
        if 0 < size <= self._left_bytes:
            self._left_bytes -= size
            return True
        path.unlink()
        return False

    def _path_of(self, module: Module) -> Path:
        """Return where a module is looked for: the digits of its age are small letters there."""
        key = SymbolKey.of_module(*module)
        folder = key.debug_id[:_GUID_DIGITS] + key.debug_id[_GUID_DIGITS:].lower()
        return self._folder / key.debug_file / folder / key.symbol_file


def _table_of(module: Module, supplier: Supplier) -> BreakpadTable | None:
    """Return the table of a module, or None when nobody has one."""
    for _ in range(_ATTEMPTS):
        try:
            with suppress(ObjectChangedError):
                return supplier.table_of(SymbolKey.of_module(*module), ReadLog())
        except (BeingFetchedError, InvalidNameError, ObjectNotFoundError, SymbolFileError):
            return None  # the answer will say so
        except StorageError as error:
            raise _unreachable(module, error) from error
    return None


def _unreachable(module: Module, error: StorageError) -> ModuleUnreachableError:
    return ModuleUnreachableError("/".join(module), error)


def _in_turns(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the chunks; to make one computes for long, and waits for nothing that is far."""
    while True:
        with turn_to_compute():
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk
