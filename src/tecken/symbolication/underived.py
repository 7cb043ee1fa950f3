# SPDX-License-Identifier: MPL-2.0

"""Modules whose symbols are still being derived from native files, or could not be.

Such a module has no symbol file, but it would be wrong to say that nobody has it.
"""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress

from django.db import DatabaseError, InterfaceError

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import SymbolKey, is_full_debug_id
from tecken.core.symbolicate import Module, ModuleError, ModuleSymbols
from tecken.core.table_suppliers import Supplier
from tecken.upload.selectors import has_underived, just_derived, underived

# Where there are no native files, as in many places, nobody asks for each module that is missing.
_NONE_SECONDS = 0.5
_PENDING = "its symbols are being derived from a native file; try again later"
_breaker = CircuitBreaker()
_none_until = 0.0


def tell_of_native_files(found: Mapping[Module, ModuleSymbols], supplier: Supplier) -> None:
    """Say of modules that this supplier has not found what became of their native files.

    ``pending`` means that symbols are being derived, ``malformed`` that there are none. When the database does not
    answer, they stay not found.
    """
    missing = {
        module: symbols
        for module, symbols in found.items()
        if symbols.error is not None and symbols.error.name == "not_found"
    }
    if not missing:
        return
    ids = {debug_id.upper() for _, debug_id in missing if is_full_debug_id(debug_id)}
    states, just = _ask(ids)
    unknown = [module for module in missing if module[1].upper() not in states]
    begun = _begun_now(unknown, supplier)
    for (debug_file, debug_id), symbols in missing.items():
        if (debug_file, debug_id) in begun:
            symbols.error = ModuleError("pending", _PENDING)
            continue
        state, problem = states.get(debug_id.upper(), ("", ""))
        # What was derived since it was looked for would be there now.
        if state == "pending" or (not state and (debug_file, debug_id.upper()) in just):
            symbols.error = ModuleError("pending", _PENDING)
        elif state == "failed":
            symbols.error = ModuleError("malformed", f"its native file gives no symbols: {problem}")
        elif state == "waiting" and symbols.error is not None:
            symbols.error = ModuleError("not_found", f"{symbols.error.message}; {problem}")


def _begun_now(modules: Iterable[Module], supplier: Supplier) -> set[Module]:
    """Return the modules whose native files lie where their symbols are missing, which are derived from now on."""
    keys: dict[SymbolKey, list[Module]] = {}
    for module in modules:
        with suppress(InvalidNameError):
            keys.setdefault(SymbolKey.of_module(*module), []).append(module)
    return {module for key in supplier.derive([*keys]) for module in keys[key]}


def _ask(debug_ids: set[str]) -> tuple[dict[str, tuple[str, str]], set[tuple[str, str]]]:
    """Return what became of native files by debug id, and the modules whose symbols were derived just now."""
    global _none_until
    if time.monotonic() < _none_until or not _breaker.may_ask():
        return {}, set()
    try:
        if not has_underived():
            _none_until = time.monotonic() + _NONE_SECONDS
            return {}, set()
        states, just = underived(debug_ids), just_derived(debug_ids)
    except (DatabaseError, InterfaceError):
        _breaker.failed()
        return {}, set()
    _breaker.worked()
    return states, just
