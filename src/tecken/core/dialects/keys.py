# SPDX-License-Identifier: MPL-2.0

"""Where the file lies that a debugger asks for: from a request to keys, in the order in which they are tried."""

from collections.abc import Iterator

from tecken.core.dialects.ids import GUID_DIGITS
from tecken.core.dialects.requests import Asked, Wanted
from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import NativeKey, SymbolKey, debug_id_of_build_id

_DEBUG_ENDINGS = (".pdb", ".debug", ".dbg", ".dwarf", ".dsym")


def keys_of(asked: Asked) -> tuple[SymbolKey, ...]:
    """Return the keys under which what is asked for may lie; none for what no bucket can have."""
    return tuple(dict.fromkeys(_keys(asked)))


def role_keys(asked: Asked, role: Wanted) -> tuple[SymbolKey, ...]:
    """Return the keys of the originals of a role, by all ids that a request may mean, whatever it asks for."""
    return tuple(dict.fromkeys(_originals(asked.ids, role)))


def _keys(asked: Asked) -> Iterator[SymbolKey]:
    match asked.wanted:
        case Wanted.DEBUGINFO | Wanted.EXECUTABLE:
            yield from _originals(asked.ids, asked.wanted)
        case Wanted.SOURCEBUNDLE | Wanted.SOURCE:
            yield from _originals(asked.ids, Wanted.SOURCEBUNDLE)
            yield from _originals(_debug_ids(asked.ids), Wanted.SOURCEBUNDLE)
        case Wanted.SECTION:
            yield from _originals(asked.ids, Wanted.DEBUGINFO)
            yield from _originals(asked.ids, Wanted.EXECUTABLE)
        case Wanted.FILE:
            yield from _store_keys(asked)


def _store_keys(asked: Asked) -> Iterator[SymbolKey]:
    """Yield the keys of a file of a store: under its name in the two usual cases, then by its id alone."""
    names = dict.fromkeys([(asked.module, asked.name), (asked.module.lower(), asked.name.lower())])
    for some_id in asked.ids:
        for module, name in names:
            try:
                yield SymbolKey.of_parts(module, some_id, name)
            except InvalidNameError:
                continue
    if asked.name.endswith("_"):
        return  # a packed file, which is none that is kept by its id
    if asked.name.lower().endswith(_DEBUG_ENDINGS):
        yield from _originals(asked.ids, Wanted.DEBUGINFO)
        return
    ids = tuple(form for some_id in asked.ids for form in _module_ids(some_id))
    yield from _originals(ids, Wanted.EXECUTABLE)
    yield from _originals(ids, Wanted.DEBUGINFO)


def _module_ids(some_id: str) -> Iterator[str]:
    """Yield what an id may be that is a build id or UUID, or a debug id that was made of one of 16 bytes."""
    yield some_id
    if len(some_id) == GUID_DIGITS + 1 and some_id.endswith("0"):
        guid = some_id[:GUID_DIGITS]
        yield guid
        yield debug_id_of_build_id(guid)[:GUID_DIGITS]


def _debug_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the debug ids of build ids: a source bundle may not know the build id."""
    return tuple(debug_id_of_build_id(some_id) for some_id in ids if len(some_id) >= GUID_DIGITS)


def _originals(ids: tuple[str, ...], role: Wanted) -> Iterator[NativeKey]:
    for some_id in ids:
        try:
            yield NativeKey.of_id(some_id, role.value)
        except InvalidNameError:
            continue
