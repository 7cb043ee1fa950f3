# SPDX-License-Identifier: MPL-2.0

"""Python code that reads the entries of one abbreviation, made once for each.

A table of attributes that is looked at for each entry makes a reader ten times slower. So what can be
known from the abbreviation is worked out here: neighbours of fixed size are read by one ``unpack_from``, what
nobody wants is passed over, and what a value means is decided.

The code is made of numbers and of names that stand here, and of nothing that stands in a file.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, cast

from tecken.core.native.dwarf import constants as dw
from tecken.core.native.dwarf import forms
from tecken.core.native.dwarf.forms import Attribute, UnitFormat, fixed_size
from tecken.core.native.dwarf.leb import behind_string, read_signed, read_unsigned

# Of bytes, a position in them and a unit: the position behind the entry, and what is wanted of it.
Reader: TypeAlias = Callable[..., tuple[object, ...]]

_CODES: Final = {1: "B", 2: "H", 4: "I", 8: "Q"}
_NOTHING = "None"


class ReaderSource:
    """The source text of a function ``read(d, p, u)``: bytes, position, unit."""

    def __init__(
        self, attributes: Sequence[Attribute], unit: UnitFormat, wanted: frozenset[int]
    ) -> None:
        self._unit = unit
        self._lines = ["def read(d, p, u):"]
        self._names: dict[str, object] = {
            "unsigned": read_unsigned,
            "signed": read_signed,
            "behind_string": behind_string,
        }
        self._layout = ""  # of the neighbours that are read by the next unpack_from
        self._pending: list[str] = []
        self._pending_bytes = 0
        self._values: dict[int, str] = {}
        self._attributes: dict[int, Attribute] = {}
        for number, attribute in enumerate(attributes):
            is_wanted = attribute.name in wanted and attribute.name not in self._attributes
            if is_wanted:
                self._attributes[attribute.name] = attribute
            self._add(attribute, f"v{number}" if is_wanted else "")
        self._flush()

    def function(self, *results: str) -> Reader:
        """Compile it to a function that returns the position behind the entry, and the results."""
        self._lines.append(f"    return ({', '.join(['p', *results])},)")
        source = "\n".join(self._lines)
        exec(compile(source, "<abbreviation>", "exec"), self._names)  # noqa: S102 - see above
        return cast(Reader, self._names["read"])

    def number(self, name: int) -> str:
        """Return the expression of a constant or of an offset into a section."""
        return self._values[name] if self._is_number(name) else _NOTHING

    def _is_number(self, name: int) -> bool:
        attribute = self._attributes.get(name)
        return attribute is not None and attribute.form not in {dw.FORM_STRING, dw.FORM_DATA16}

    def string(self, *names: int) -> str:
        """Return that of a string, the first that is there: bytes, or an offset into .debug_str."""
        for name in names:
            if name not in self._attributes:
                continue
            value, form = self._values[name], self._attributes[name].form
            if form in forms.INDEXED_STRINGS:
                return f"u.indexed_string({value})"
            if form in forms.ALTERNATE_STRINGS:
                return f"u.alternate_string({value})"
            if form == dw.FORM_LINE_STRP:
                return f"u.line_string({value})"
            if form in {dw.FORM_STRP, dw.FORM_STRING}:
                return value
        return _NOTHING

    def reference(self, *names: int) -> str:
        """Return that of an offset into .debug_info, below zero (``-1 - offset``) into dwz's file."""
        for name in names:
            if name not in self._attributes:
                continue
            value, form = self._values[name], self._attributes[name].form
            if form in forms.REFERENCES:
                return f"u.start + {value}"
            if form in forms.ALTERNATE_REFERENCES:
                return f"-1 - {value}"
            if form == dw.FORM_REF_ADDR:
                return value
        return _NOTHING

    def sibling(self) -> str:
        """Return that of the sibling's position in the unit."""
        return self._values[dw.AT_SIBLING]

    def address(self, name: int) -> str:
        """Return that of an address."""
        if not self._is_number(name):
            return _NOTHING
        value, form = self._values[name], self._attributes[name].form
        return f"u.indexed_address({value})" if form in forms.INDEXED_ADDRESSES else value

    def ranges(self) -> str:
        """Return that of the list of (start, end) that the entry covers."""
        if self._is_number(dw.AT_LOW_PC) and self._is_number(dw.AT_HIGH_PC):
            low, high = self.address(dw.AT_LOW_PC), self.address(dw.AT_HIGH_PC)
            if self._attributes[dw.AT_HIGH_PC].form in forms.ADDRESSES:
                return f"[({low}, {high})]"
            return f"[(low := {low}, low + {high})]"
        if not self._is_number(dw.AT_RANGES):
            return "[]"
        value, form = self._values[dw.AT_RANGES], self._attributes[dw.AT_RANGES].form
        return f"u.{'indexed_ranges' if form == dw.FORM_RNGLISTX else 'ranges_at'}({value})"

    def _add(self, attribute: Attribute, variable: str) -> None:
        size = fixed_size(attribute.form, self._unit)
        if size is None:
            self._flush()
            self._add_variable(attribute.form, variable)
        elif not variable:
            self._layout += f"{size}x" if size else ""
            self._pending_bytes += size
            return
        elif not size:
            is_constant = attribute.form == dw.FORM_IMPLICIT_CONST
            self._values[attribute.name] = str(attribute.constant if is_constant else 1)
            return
        else:
            self._layout += _CODES.get(size, f"{size}s")
            self._pending.append(variable)
            self._pending_bytes += size
        if variable:
            byte_order = "little" if self._unit.order == "<" else "big"
            is_bytes = size is not None and size not in _CODES
            self._values[attribute.name] = (
                f"int.from_bytes({variable}, '{byte_order}')" if is_bytes else variable
            )

    def _flush(self) -> None:
        """Write what reads the neighbours of fixed size."""
        if self._pending:
            layout = struct.Struct(self._unit.order + self._layout)
            name = f"unpack{len(self._lines)}"
            self._names[name] = layout.unpack_from
            self._lines.append(f"    {', '.join(self._pending)}, = {name}(d, p)")
        if self._pending_bytes:
            self._lines.append(f"    p += {self._pending_bytes}")
        self._layout, self._pending, self._pending_bytes = "", [], 0

    def _add_variable(self, form: int, variable: str) -> None:
        """Write what reads, or passes over, a value of a form whose size stands in the value."""
        lines = self._lines
        if form in forms.UNSIGNED or form == dw.FORM_SDATA:
            if variable:
                kind = "signed" if form == dw.FORM_SDATA else "unsigned"
                lines.append(f"    {variable}, p = {kind}(d, p)")
            else:
                lines.append("    while d[p] > 127: p += 1")
                lines.append("    p += 1")
        elif form == dw.FORM_STRING:
            lines.append("    q = behind_string(d, p)")
            if variable:
                lines.append(f"    {variable} = d[p:q - 1]")
            lines.append("    p = q")
        else:
            self._add_size_of_block(form)
            if variable:
                lines.append(f"    {variable} = 0")
            lines.append("    p += n")

    def _add_size_of_block(self, form: int) -> None:
        if form in forms.LEB_BLOCKS:
            self._lines.append("    n = d[p]; p += 1")
            self._lines.append("    if n > 127: n, p = unsigned(d, p - 1)")
            return
        size = forms.BLOCKS[form]
        name = f"unpack{len(self._lines)}"
        self._names[name] = struct.Struct(self._unit.order + _CODES[size]).unpack_from
        self._lines.append(f"    n, = {name}(d, p); p += {size}")
