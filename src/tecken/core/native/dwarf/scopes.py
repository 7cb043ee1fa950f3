# SPDX-License-Identifier: MPL-2.0

"""What an entry lies in: namespaces and types, whose names stand in front of a function's.

Needed where there is no linkage name: compilers give none to inlined constructors, for example.
"""

from bisect import bisect_right
from typing import Final, NamedTuple

from tecken.core.native.dwarf import constants as dw
from tecken.core.native.dwarf.readers import EntryRef
from tecken.core.native.dwarf.units import Unit

_NAMELESS: Final = {
    dw.TAG_NAMESPACE: b"(anonymous namespace)",
    dw.TAG_CLASS: b"(anonymous class)",
    dw.TAG_STRUCTURE: b"(anonymous struct)",
    dw.TAG_UNION: b"(anonymous union)",
    dw.TAG_ENUMERATION: b"(anonymous enum)",
    dw.TAG_INTERFACE: b"(anonymous interface)",
    dw.TAG_SUBPROGRAM: b"",
}
_MAX_DEPTH = 64


class Scope(NamedTuple):
    """An entry with a name that others lie in; of one without a name, ``origin`` may have it."""

    tag: int
    name: bytes
    origin: EntryRef

    @property
    def text(self) -> bytes:
        """Its name, or what stands for it; empty where it is no scope."""
        return (self.name or _NAMELESS[self.tag]) if self.tag in _NAMELESS else b""


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
            if scope.tag in _NAMELESS:
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
