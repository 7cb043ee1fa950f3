# SPDX-License-Identifier: MPL-2.0

"""The other name of a module: uploads tell which debug id goes with which code id."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from django.db import InterfaceError, OperationalError

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.identifiers import NativeKey, SymbolKey
from tecken.upload.selectors import (
    UploadedModule,
    modules_of_code_id,
    modules_of_debug_id,
    original_keys,
)

Answer = TypeVar("Answer")

# A GUID and an age of one digit, as nearly every debug id is. No code id has so many digits: on
# Windows they have at most 16, and build ids and UUIDs are whole bytes.
_DEBUG_ID_LENGTH = 33
_breaker = CircuitBreaker()


def find_module(file: str, some_id: str, *, with_try: bool) -> UploadedModule | None:
    """Return what the newest upload tells of a module that is named by debug id or by code id."""
    found = modules_of_debug_id(file, some_id, with_try=with_try) or modules_of_code_id(
        file, some_id, with_try=with_try
    )
    return next(iter(found), None)


def debug_key_of(key: SymbolKey, *, with_try: bool) -> SymbolKey | None:
    """Return the key of a symbol file that was asked for by code file and code id.

    ``xul.dll/5CF2591C6859000/xul.sym`` is ``xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym``.
    Clients make the name of the symbol file out of that of the code file in several ways, so any
    that ends in ``.sym`` is good. The database is not asked about what is a debug id by its length,
    as most of what nobody has is. Raises OperationalError; for a moment after
    a failure it does so without asking, so that a storm of downloads does not hold all threads.
    """
    if len(key.debug_id) == _DEBUG_ID_LENGTH or not key.symbol_file.lower().endswith(".sym"):
        return None
    for module in _of_code_id(key, with_try=with_try):
        found = SymbolKey.of_module(module.debug_file, module.debug_id)
        return None if found == key else found
    return None


def originals_of(key: SymbolKey, *, with_try: bool) -> tuple[NativeKey, ...]:
    """Return where a native file may be that was asked for by the name and an id of its module.

    ``libfoo.so/<build id or debug id>/libfoo.so.debug`` may be ``.native/<build id>/debuginfo``. Raises
    OperationalError as above.
    """
    if key.symbol_file.lower().endswith(".sym"):
        return ()
    return asking(
        partial(original_keys, key.debug_file, key.debug_id, key.symbol_file, with_try=with_try)
    )


def _of_code_id(key: SymbolKey, *, with_try: bool) -> tuple[UploadedModule, ...]:
    return asking(partial(modules_of_code_id, key.debug_file, key.debug_id, with_try=with_try))


def asking(question: Callable[[], Answer], breaker: CircuitBreaker = _breaker) -> Answer:
    """Ask the database, unless it failed a moment ago. Raises OperationalError.

    Questions that may fail while others work, as they look at very many rows, have a ``breaker`` of their own.
    """
    if not breaker.may_ask():
        raise OperationalError("the database failed a moment ago, and is left alone")
    try:
        answer = question()
    except (OperationalError, InterfaceError):
        breaker.failed()
        raise
    breaker.worked()
    return answer
