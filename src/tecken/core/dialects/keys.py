# SPDX-License-Identifier: MPL-2.0

"""Where the file lies that a debugger asks for: from a request to keys, in the order in which they are tried."""

import re
from collections.abc import Iterator
from contextlib import suppress

from tecken.core.dialects.ids import GUID_DIGITS
from tecken.core.dialects.requests import Asked, Wanted
from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import NativeKey, SymbolKey, debug_id_of_build_id
from tecken.core.native.kinds import Role
from tecken.core.storage.aliases import AliasKey

_CODE_ID_DIGITS = 16  # of timestamp and size of an image, at most
_OF_UUID = re.compile("[0-9a-f]{32}0")  # the debug id of a module of macOS, or of Linux
_WINDOWS_ENDINGS = (".exe", ".dll", ".sys", ".ocx", ".drv")
_SPLIT_ENDING = ".dwp"
_DEBUG_ENDINGS = (".pdb", ".debug", ".dbg", ".dwarf", ".dsym")


def keys_of(asked: Asked) -> tuple[SymbolKey, ...]:
    """Return the keys under which what is asked for may lie; none for what no bucket can have."""
    return tuple(dict.fromkeys(_keys(asked)))


def role_keys(asked: Asked, role: Wanted) -> tuple[SymbolKey, ...]:
    """Return the keys of the originals of a role, by all ids that a request may mean, whatever it asks for."""
    return original_keys(asked.ids, role)


def original_keys(ids: tuple[str, ...], role: Wanted) -> tuple[SymbolKey, ...]:
    """Return the keys of the original of a role by any of some ids, in lower case."""
    return tuple(dict.fromkeys(_originals(ids, role)))


def breakpad_ids(asked: Asked) -> tuple[str, ...]:
    """Return the debug ids that the symbol file may have that is asked for by its module's id, in upper case."""
    ids = asked.ids
    uuids = tuple(f"{some_id}0" for some_id in ids if len(some_id) == GUID_DIGITS)
    return tuple(dict.fromkeys(one.upper() for one in (*ids, *_debug_ids(ids), *uuids)))


def _keys(asked: Asked) -> Iterator[SymbolKey]:
    match asked.wanted:
        case Wanted.DEBUGINFO | Wanted.EXECUTABLE:
            yield from _originals(asked.ids, asked.wanted)
        case Wanted.SOURCEBUNDLE | Wanted.SOURCE:
            yield from _originals(asked.ids, Wanted.SOURCEBUNDLE)
        case Wanted.FILE:
            yield from _store_keys(asked)


def _store_keys(asked: Asked) -> Iterator[SymbolKey]:
    """Yield the keys of a file of a store: under its name in the two usual cases, then by its id alone."""
    names = dict.fromkeys([(asked.module, asked.name), (asked.module.lower(), asked.name.lower())])
    for some_id in asked.ids:
        for module, name in names:
            with suppress(InvalidNameError):
                yield SymbolKey.of_parts(module, some_id, name)
    if asked.name.endswith("_"):  # a packed file, which is none that is kept by its id alone
        for some_id in asked.ids:
            with suppress(InvalidNameError):
                yield AliasKey.of_name(some_id, asked.name)
        return
    if asked.name.lower().endswith(_SPLIT_ENDING):
        yield from _originals(asked.ids, Role.SPLIT)
        return
    if asked.name.lower().endswith(_DEBUG_ENDINGS):
        yield from _originals(asked.ids, Wanted.DEBUGINFO)
        return
    some_id = asked.ids[0]
    is_of_windows = asked.name.lower().endswith(_WINDOWS_ENDINGS)
    if len(some_id) <= _CODE_ID_DIGITS:
        with suppress(InvalidNameError):
            yield AliasKey.of_name(some_id, asked.name)
        if is_of_windows:
            return
    ids = (some_id, some_id[:-1]) if _OF_UUID.fullmatch(some_id) else (some_id,)
    yield from _originals(ids, Wanted.EXECUTABLE)
    if not is_of_windows:
        yield from _originals(ids, Wanted.DEBUGINFO)


def _debug_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(debug_id_of_build_id(some_id) for some_id in ids if len(some_id) >= GUID_DIGITS)


def _originals(ids: tuple[str, ...], role: Wanted | Role) -> Iterator[NativeKey]:
    """Yield where the original of an id lies, and the alias that says so of the original of another id."""
    for kind in (NativeKey, AliasKey):
        for some_id in ids:
            with suppress(InvalidNameError):
                yield kind.of_id(some_id, role.value)
