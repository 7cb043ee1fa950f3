# SPDX-License-Identifier: MPL-2.0

"""Symbols of debug files whose executables are not there, found by the id alone.

Such a file does not know for certain how its module is called: the name is that of the file, or, where that is an id
itself, nobody's. So a module of another name and the same id has these symbols, unless several names claim the id.
"""

import logging
from collections.abc import Iterable
from functools import cache, lru_cache

from django.db import DatabaseError, InterfaceError
from django.db.models import QuerySet

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.identifiers import SymbolKey, is_full_debug_id
from tecken.core.locating.generations import Generation
from tecken.core.locating.lone_ids import LONE_IDS, LoneIds
from tecken.core.native.kinds import Role
from tecken.upload.models import FileUpload
from tecken.upload.object_holders import IS_THERE
from tecken.web.generations import generations

_KEPT_NAMES = 10_000
_MAX_NAMES = 20  # of one id
_breaker = CircuitBreaker()

logger = logging.getLogger(__name__)


def nameless_key(debug_id: str) -> SymbolKey:
    """Return where symbols lie whose module has no name: at its debug id, instead."""
    return SymbolKey.of_module(debug_id, debug_id)


def note_lone_symbols() -> None:
    """Let every process know at once that there are symbols of another debug file without its executable."""
    generations().raise_([LONE_IDS])


def key_by_id_alone(
    key: SymbolKey, generation: Generation | None, with_try: bool
) -> SymbolKey | None:
    """Return under which key the symbols of a module may be that are not under its own.

    Of most keys nobody is asked. ``generation`` is that of ``LONE_IDS``, where it was read already. When the database
    does not answer, there is none.
    """
    if not key.symbol_file.lower().endswith(".sym") or not is_full_debug_id(key.debug_id):
        return None
    if generation is None:
        [generation] = generations().read([LONE_IDS])
    if not _breaker.may_ask():
        return None
    try:
        name = ""
        if _lone_ids().may_have(key.debug_id, generation):
            name = _name_of(key.debug_id, generation, with_try=with_try)
    except (DatabaseError, InterfaceError) as error:
        _breaker.failed()
        logger.warning("symbols could not be looked for by their id alone: %s", error)
        return None
    _breaker.worked()
    return SymbolKey.of_module(name, key.debug_id) if name and name != key.debug_file else None


@lru_cache(maxsize=_KEPT_NAMES)
def _name_of(debug_id: str, _generation: Generation, *, with_try: bool) -> str:
    """Return the one name of a debug id, or "" where there is none or several."""
    files = _lone_files().filter(IS_THERE, debug_id=debug_id)
    if not with_try:
        files = files.exclude(upload__try_symbols=True)
    found = {*files.order_by("-pk").values_list("debug_file", flat=True)[:_MAX_NAMES]}
    names = found - {debug_id} or found
    return names.pop() if len(names) == 1 else ""


@cache
def _lone_ids() -> LoneIds:
    return LoneIds(_load)


def _load(after: int) -> Iterable[tuple[int, str]]:
    rows = _lone_files().filter(pk__gt=after).order_by("pk")
    return rows.values_list("pk", "debug_id").iterator(chunk_size=10_000)


def _lone_files() -> "QuerySet[FileUpload]":
    """Return the symbol files that were derived without an executable, as of the index ``fileupload_lone``."""
    return FileUpload.objects.filter(derived=True, role=Role.DEBUGINFO)
