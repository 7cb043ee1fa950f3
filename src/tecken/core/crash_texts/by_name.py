# SPDX-License-Identifier: MPL-2.0

"""Frames of which a text has only the function's name, as those of Linux' kernel: find where that begins.

A name that several functions of the module have tells nothing, and such a frame stays as it is.
"""

from collections.abc import Iterable
from contextlib import suppress

from tecken.core.crash_texts.model import Frame, Module
from tecken.core.errors import (
    InvalidNameError,
    MalformedSymbolFileError,
    ModuleUnreachableError,
    ObjectNotFoundError,
    StorageError,
    UnsupportedSymbolFileError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.symbolicate import TableSupplier, Turn
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.lookup_limits import LookupLimits

_MAX_NAMES = 2_000  # of a module


def find_by_name(
    frames: Iterable[Frame], supplier: TableSupplier, limits: LookupLimits, turn: Turn
) -> None:
    """Give frames that are known by name the offset of their function and of the address in it.

    Raises ModuleUnreachableError, and LimitExceededError when that takes more than the limits allow.
    """
    by_module: dict[int, tuple[Module, list[Frame]]] = {}
    for frame in frames:
        if frame.by_name and frame.module and frame.module.debug_id and frame.function:
            by_module.setdefault(id(frame.module), (frame.module, []))[1].append(frame)
    for module, of_module in by_module.values():
        # Without symbols these frames have none, and the look-up tells why.
        with suppress(
            ObjectNotFoundError,
            InvalidNameError,
            MalformedSymbolFileError,
            UnsupportedSymbolFileError,
        ):
            _find_in(module, of_module, supplier, limits, turn)


def _find_in(
    module: Module,
    frames: list[Frame],
    supplier: TableSupplier,
    limits: LookupLimits,
    turn: Turn,
) -> None:
    names = [*dict.fromkeys(frame.function or "" for frame in frames)][:_MAX_NAMES]
    log = ReadLog()
    try:
        table = supplier.table_of(
            SymbolKey.of_module(module.debug_file, module.debug_id or ""), log
        )
        with turn(), limits.counted() as meter:
            starts = table.addresses_of(names, log, meter)
    except ObjectNotFoundError:
        raise
    except StorageError as error:
        raise ModuleUnreachableError(f"{module.debug_file}/{module.debug_id}", error) from error
    for frame in frames:
        found = starts.get(frame.function or "", set())
        if len(found) == 1:
            frame.named_offset = min(found) + (frame.function_offset or 0)
