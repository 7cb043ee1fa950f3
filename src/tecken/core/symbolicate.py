# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Stacks in, symbols out: what a symbolication request asks for, found module by module.

Frames are grouped by module and each address is looked up once, whatever the number of stacks and
jobs it stands in. Wire formats are not known here.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from tecken.core.errors import (
    InvalidNameError,
    MalformedSymbolFileError,
    ModuleUnreachableError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageError,
    UnsupportedSymbolFileError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.symbols.lookup import ReadLog, Symbol, SymbolTable
from tecken.core.symbols.records import MAX_ADDRESS

_ATTEMPTS = 3  # an object may be replaced between finding its index and reading a block

Module = tuple[str, str]  # debug file and debug id, as they were sent
Offset = int | str  # the text of an offset that is not an integer, as it was sent
Frame = tuple[int, Offset]  # module index (negative: in no module) and module offset


@dataclass(frozen=True, slots=True)
class Job:
    """A memory map and the stacks that refer to it."""

    modules: Sequence[Module]
    stacks: Sequence[Sequence[Frame]]


@dataclass(frozen=True, slots=True)
class ModuleError:
    """Why a module has no symbols: ``not_found``, ``malformed`` or ``unsupported``."""

    name: str
    message: str


@dataclass(slots=True)
class ModuleSymbols:
    """The symbols of the addresses of a module; ``error`` is None when it was found."""

    symbols: Mapping[int, Symbol | None] = field(default_factory=dict)
    error: ModuleError | None = None
    log: ReadLog = field(default_factory=ReadLog)


class TableSupplier(Protocol):
    """Finds symbol tables."""

    def table_of(self, key: SymbolKey, log: ReadLog) -> SymbolTable:
        """Return the table of a key. Raises ObjectNotFoundError and the errors of its file."""

    def trim(self) -> None:
        """Called after the lookups of a request."""


def symbolicate(jobs: Iterable[Job], supplier: TableSupplier) -> dict[Module, ModuleSymbols]:
    """Look up all frames of all jobs; modules that no frame needs are not in the answer.

    Raises ModuleUnreachableError when a source could not be asked: a client must be able to tell
    "missing" from "try again".
    """
    found = {
        module: _look_up_module(module, list(addresses), supplier)
        for module, addresses in _addresses_by_module(jobs).items()
    }
    supplier.trim()
    return found


def _addresses_by_module(jobs: Iterable[Job]) -> dict[Module, dict[int, None]]:
    """Collect the addresses that can be looked up, in the order they are met."""
    needed: dict[Module, dict[int, None]] = {}
    for job in jobs:
        by_index: list[dict[int, None]] = [{} for _ in job.modules]
        for stack in job.stacks:
            for index, offset in stack:
                if index >= 0 and isinstance(offset, int) and 0 <= offset <= MAX_ADDRESS:
                    by_index[index][offset] = None
        for module, addresses in zip(job.modules, by_index, strict=True):
            if addresses:
                needed.setdefault(module, {}).update(addresses)
    return needed


def _look_up_module(module: Module, addresses: list[int], supplier: TableSupplier) -> ModuleSymbols:
    found = ModuleSymbols()
    try:
        key = SymbolKey.of_module(*module)
        found.symbols = dict(
            zip(addresses, _look_up(key, addresses, supplier, found.log), strict=True)
        )
    except (ObjectNotFoundError, InvalidNameError):
        found.error = ModuleError("not_found", "no source has a symbol file of this module")
    except MalformedSymbolFileError as error:
        found.error = ModuleError("malformed", error.reason)
    except UnsupportedSymbolFileError as error:
        found.error = ModuleError("unsupported", error.reason)
    except StorageError as error:
        raise ModuleUnreachableError("/".join(module), error) from error
    return found


def _look_up(
    key: SymbolKey, addresses: list[int], supplier: TableSupplier, log: ReadLog
) -> list[Symbol | None]:
    for _ in range(_ATTEMPTS - 1):
        with suppress(ObjectChangedError):
            return supplier.table_of(key, log).lookup(addresses, log)
    return supplier.table_of(key, log).lookup(addresses, log)
