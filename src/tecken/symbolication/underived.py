# SPDX-License-Identifier: MPL-2.0

"""Modules whose symbols are still being derived from native files, or could not be.

Such a module has no symbol file, but it would be wrong to say that nobody has it.
"""

import time
from collections.abc import Mapping

from django.db import DatabaseError, InterfaceError

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.identifiers import is_full_debug_id
from tecken.core.symbolicate import Module, ModuleError, ModuleSymbols
from tecken.upload.selectors import has_underived, underived

# Where there are no native files, as in many places, nobody asks for each module that is missing.
_NONE_SECONDS = 2.0
_PENDING = "its symbols are being derived from a native file; try again later"
_breaker = CircuitBreaker()
_none_until = 0.0


def tell_of_native_files(found: Mapping[Module, ModuleSymbols]) -> None:
    """Say of modules that were not found what became of their native files.

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
    states = _ask({debug_id.upper() for _, debug_id in missing if is_full_debug_id(debug_id)})
    for (_, debug_id), symbols in missing.items():
        state, problem = states.get(debug_id.upper(), ("", ""))
        if state == "pending":
            symbols.error = ModuleError("pending", _PENDING)
        elif state == "failed":
            symbols.error = ModuleError("malformed", f"its native file gives no symbols: {problem}")
        elif state == "waiting" and symbols.error is not None:
            symbols.error = ModuleError("not_found", f"{symbols.error.message}; {problem}")


def _ask(debug_ids: set[str]) -> dict[str, tuple[str, str]]:
    global _none_until
    if time.monotonic() < _none_until or not _breaker.may_ask():
        return {}
    try:
        if not has_underived():
            _none_until = time.monotonic() + _NONE_SECONDS
            return {}
        states = underived(debug_ids)
    except (DatabaseError, InterfaceError):
        _breaker.failed()
        return {}
    _breaker.worked()
    return states
