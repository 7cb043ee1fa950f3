# SPDX-License-Identifier: MPL-2.0

"""The name of a function: its linkage name, or its own name behind those of its scopes.

Of C the own name, as a linkage name is another name of a library's there: ``__GI_abort`` for ``abort``.

Code and inlined calls rarely have names themselves: they refer to an abstract function, and that to a
declaration in a class, which may be in another unit or in dwz's file.
"""

from bisect import bisect_right
from typing import Final, NamedTuple

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.dwarf import constants as dw
from tecken.core.native.dwarf.readers import EntryRef, StringRef
from tecken.core.native.dwarf.units import DebugFile, Unit

_MAX_REFERENCES = 16  # from code to a declaration are three
_MAX_SCOPES = 16
_FINDERS_AT_ONCE = 64

_NAMES_OF_NAMELESS: Final = {
    dw.TAG_NAMESPACE: b"(anonymous namespace)",
    dw.TAG_CLASS: b"(anonymous class)",
    dw.TAG_STRUCTURE: b"(anonymous struct)",
    dw.TAG_UNION: b"(anonymous union)",
    dw.TAG_ENUMERATION: b"(anonymous enum)",
    dw.TAG_INTERFACE: b"(anonymous interface)",
    dw.TAG_SUBPROGRAM: b"",
}
_MAX_DEPTH = 64


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


class Scope(NamedTuple):
    """An entry with a name that others lie in; of one without a name, ``origin`` may have it."""

    tag: int
    name: bytes
    origin: EntryRef

    @property
    def text(self) -> bytes:
        """Its name, or what stands for it; empty where it is no scope."""
        return (
            (self.name or _NAMES_OF_NAMELESS[self.tag]) if self.tag in _NAMES_OF_NAMELESS else b""
        )


class _Children(NamedTuple):
    """Where those entries in another begin and end that have some in them."""

    starts: list[int]
    ends: list[int]


class ScopeFinder:
    """Finds the scopes of entries of one unit. What was read of it once is kept."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._children: dict[int, _Children] = {}
        self._scopes: dict[int, Scope] = {}

    def scopes_of(self, offset: int) -> list[Scope]:
        """Return the scopes of the entry at an offset of the section, the outermost first."""
        scopes: list[Scope] = []
        inside = self._unit.header.entry
        for _ in range(_MAX_DEPTH):
            children = self._children_of(inside)
            position = bisect_right(children.starts, offset) - 1
            if position < 0 or offset >= children.ends[position]:
                break
            inside = children.starts[position]
            if inside == offset:
                break
            scope = self._scope_at(inside)
            if scope.tag in _NAMES_OF_NAMELESS:
                scopes.append(scope)
        return scopes

    def _scope_at(self, offset: int) -> Scope:
        scope = self._scopes.get(offset)
        if scope is None:
            entry, buffer, behind = self._unit.entry_at(offset)
            _, _, name, origin = entry.naming(buffer, behind, self._unit)
            scope = self._scopes[offset] = Scope(entry.tag, self._unit.string(name), origin)
        return scope

    def _children_of(self, offset: int) -> _Children:
        children = self._children.get(offset)
        if children is None:
            children = self._children[offset] = self._find_children(offset)
        return children

    def _find_children(self, offset: int) -> _Children:  # noqa: C901 - one loop over entries, as in ``functions``
        """Read over the entries in another one."""
        unit = self._unit
        found = _Children([], [])
        entry, buffer, position = unit.entry_at(offset)
        position = entry.skip(buffer, position, unit)[0]
        if not entry.has_children:
            return found
        base = unit.file.sections.info.start  # of offsets, in the bytes
        sizes, end = unit.table.sizes, base + unit.header.end
        depth = 0
        begin = position
        while position < end:
            size = sizes[buffer[position]]
            if size:
                position += size
                continue
            start = position
            if not buffer[position]:
                position += 1
                if not depth:
                    break
                depth -= 1
                if not depth:
                    found.starts.append(begin - base)
                    found.ends.append(position - base)
                continue
            entry, buffer, position = unit.entry_at(position - base)
            if not entry.has_children:
                position = entry.skip(buffer, position, unit)[0]
                continue
            if not entry.tells_end:
                position = entry.skip(buffer, position, unit)[0]
                begin = begin if depth else start
                depth += 1
                continue
            sibling = base + unit.start + entry.sibling(buffer, position, unit)[1]
            position = max(sibling, position + 1)
            if not depth:
                found.starts.append(start - base)
                found.ends.append(position - base)
        if depth:  # the unit lacks some zeros
            found.starts.append(begin - base)
            found.ends.append(end - base)
        unit.file.budget.take(position - base - offset)
        return found
