# SPDX-License-Identifier: MPL-2.0

"""The name of a function: its linkage name, or its own name behind those of its scopes.

Of C the own name, as a linkage name is another name of a library's there: ``__GI_abort`` for ``abort``.

Code and inlined calls rarely have names themselves: they refer to an abstract function, and that to a
declaration in a class, which may be in another unit or in dwz's file.
"""

from typing import Final, NamedTuple

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.dwarf.readers import EntryRef, StringRef
from tecken.core.native.dwarf.scopes import ScopeFinder
from tecken.core.native.dwarf.units import DebugFile, Unit

_MAX_REFERENCES = 16  # from code to a declaration are three
_MAX_SCOPES = 16
_FINDERS_AT_ONCE = 64


class FunctionName(NamedTuple):
    """What a function is called; ``is_linkage_name`` when it is as the linker knows it, and has to be demangled."""

    text: bytes
    is_linkage_name: bool


NAMELESS: Final = FunctionName(b"", False)


class Names:
    """Finds names in a file with debug information, and in that of dwz."""

    def __init__(self, file: DebugFile) -> None:
        self._file = file
        self._alternate = Names(file.alternate) if file.alternate else None
        self._finders: dict[int, ScopeFinder] = {}

    def name_of(
        self, unit: Unit, linkage_name: StringRef, name: StringRef, origin: EntryRef, offset: int
    ) -> FunctionName:
        """Return the name of an entry at an offset, which refers to another one perhaps.

        Raises NativeFileError.
        """
        own = FunctionName(unit.string(linkage_name), True)
        if own.text and (unit.has_scopes or (name is None and origin is None)):
            return own
        found = self.name_at(origin)
        if not found.text and name is not None:
            return FunctionName(self._scoped(unit, unit.string(name), offset), False)
        return own if own.text and not found.text else found

    def name_at(self, offset: EntryRef) -> FunctionName:
        """Return the name of the entry at an offset. Raises NativeFileError."""
        own: tuple[Unit, bytes, int] | None = None
        for _ in range(_MAX_REFERENCES):
            if offset is None:
                break
            if offset < 0:
                return self._name_in_alternate(-1 - offset)
            unit = self._file.unit_at(offset)
            entry, buffer, behind = unit.entry_at(offset)
            _, linkage_name, name, origin = entry.naming(buffer, behind, unit)
            if linkage_name is not None and (unit.has_scopes or name is None):
                return FunctionName(unit.string(linkage_name), True)
            if name is not None:
                own = unit, unit.string(name), offset
            offset = origin
        else:
            raise MalformedNativeFileError("entries of functions refer to each other in a circle")
        if own is None:
            return NAMELESS
        unit, text, at = own
        return FunctionName(self._scoped(unit, text, at), False)

    def _name_in_alternate(self, offset: int) -> FunctionName:
        return self._alternate.name_at(offset) if self._alternate else NAMELESS

    def _scoped(self, unit: Unit, name: bytes, offset: int, depth: int = 0) -> bytes:
        """Put the names of its scopes in front of a name."""
        if not unit.has_scopes:
            return name
        finder = self._finders.get(unit.start)
        if finder is None:
            if len(self._finders) >= _FINDERS_AT_ONCE:
                self._finders.clear()
            finder = self._finders[unit.start] = ScopeFinder(unit)
        parts = [name]
        for scope in reversed(finder.scopes_of(offset)):
            if scope.origin is not None and scope.origin >= 0 and depth < _MAX_SCOPES:
                parts.append(self._origin_of_scope(scope.name, scope.origin, depth + 1))
                break  # its scopes are those of its declaration
            if scope.text:
                parts.append(scope.text)
        return b"::".join(reversed(parts))

    def _origin_of_scope(self, name: bytes, offset: int, depth: int) -> bytes:
        unit = self._file.unit_at(offset)
        entry, buffer, behind = unit.entry_at(offset)
        _, _, own, origin = entry.naming(buffer, behind, unit)
        text = unit.string(own) or name
        if not text and origin is not None and origin >= 0 and depth < _MAX_SCOPES:
            return self._origin_of_scope(name, origin, depth + 1)
        return self._scoped(unit, text, offset, depth)
