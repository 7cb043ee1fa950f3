# SPDX-License-Identifier: MPL-2.0

"""Abbreviations: what the entries of a unit are made of, with readers that are made when they are needed.

Source: DWARF 5, section 7.5.3.
"""

import re
from functools import cached_property, lru_cache
from typing import Final, cast

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.dwarf import constants as dw
from tecken.core.native.dwarf.forms import REFERENCES, Attribute, UnitFormat, fixed_size
from tecken.core.native.dwarf.generated import ReaderSource
from tecken.core.native.dwarf.leb import read_signed, read_unsigned
from tecken.core.native.dwarf.readers import (
    BasesReader,
    CallReader,
    FunctionReader,
    NameReader,
    Sibling,
    Skip,
    UnitReader,
)

# What a walk does with an entry.
LEAF: Final = 0  # it has no children, and nothing that is wanted
DESCEND: Final = 1  # there may be functions or calls among its children
TYPE: Final = 2  # nothing in it is wanted where it is in no function, and it tells where it ends
FUNCTION: Final = 3  # code of a function
CALL: Final = 4  # an inlined call
ABSTRACT: Final = 5  # a function without code, in which may be a class whose functions have some

_MAX_KINDS = 30_000  # distinct abbreviations of a file; radosgw has 2,700
_MAX_ATTRIBUTES = 256
_TABLES_AT_ONCE = 256
_KEPT_KINDS = 4096  # 3 KB each, with their readers

_TRANSPARENT: Final = frozenset({
    dw.TAG_COMPILE_UNIT, dw.TAG_NAMESPACE, dw.TAG_LEXICAL_BLOCK, dw.TAG_TRY_BLOCK,
    dw.TAG_CATCH_BLOCK, dw.TAG_MODULE, dw.TAG_PARTIAL_UNIT, dw.TAG_SKELETON_UNIT,
})  # fmt: skip
_LEB = rb"[\x80-\xff]*+[\x00-\x7f]"
# Groups: the code; all else but the two zeros at the end.
_DECLARATION = re.compile(
    rb"(" + _LEB + rb")(" + _LEB + rb"[\x00-\xff]"
    rb"(?:(?!\x00\x00)" + _LEB + rb"(?:\x21" + _LEB + rb"|(?!\x21)" + _LEB + rb"))*+)\x00\x00"
)  # fmt: skip


class Abbreviation:
    """What entries of one kind are made of; its readers are made when they are asked for."""

    def __init__(self, tag: int, has_children: bool, attributes: list[Attribute], unit: UnitFormat):
        self.tag = tag
        self.has_children = has_children
        self._attributes = attributes
        self._unit = unit
        names = {attribute.name for attribute in attributes}
        siblings = [a.form for a in attributes if a.name == dw.AT_SIBLING]
        self.tells_end = bool(siblings) and siblings[0] in REFERENCES
        sizes = [fixed_size(attribute.form, unit) for attribute in attributes]
        self.size = None if None in sizes else sum(size for size in sizes if size)
        self.kind = self._kind(names)

    def _kind(self, names: set[int]) -> int:
        if self.tag == dw.TAG_INLINED_SUBROUTINE:
            return CALL
        if self.tag == dw.TAG_SUBPROGRAM and names & {dw.AT_LOW_PC, dw.AT_RANGES}:
            return FUNCTION
        if not self.has_children:
            return LEAF
        if self.tag == dw.TAG_SUBPROGRAM:
            return ABSTRACT
        return TYPE if self.tells_end and self.tag not in _TRANSPARENT else DESCEND

    @cached_property
    def skip(self) -> Skip:
        """Of bytes, position and unit: the position behind the entry, in a tuple."""
        return cast(Skip, self._source().function())

    @cached_property
    def sibling(self) -> Sibling:
        """The same with the sibling's position in the unit; where ``tells_end`` is true."""
        source = self._source(dw.AT_SIBLING)
        return cast(Sibling, source.function(source.sibling()))

    @cached_property
    def function(self) -> FunctionReader:
        """Read a function."""
        source = self._source(
            dw.AT_LOW_PC, dw.AT_HIGH_PC, dw.AT_RANGES, dw.AT_NAME, dw.AT_LINKAGE_NAME,
            dw.AT_MIPS_LINKAGE_NAME, dw.AT_ABSTRACT_ORIGIN, dw.AT_SPECIFICATION,
        )  # fmt: skip
        return cast(FunctionReader, source.function(source.ranges(), *_naming(source)))

    @cached_property
    def call(self) -> CallReader:
        """Read an inlined call."""
        source = self._source(
            dw.AT_LOW_PC, dw.AT_HIGH_PC, dw.AT_RANGES, dw.AT_ABSTRACT_ORIGIN, dw.AT_CALL_FILE,
            dw.AT_CALL_LINE,
        )  # fmt: skip
        results = (
            source.ranges(),
            source.reference(dw.AT_ABSTRACT_ORIGIN),
            source.number(dw.AT_CALL_FILE),
            source.number(dw.AT_CALL_LINE),
        )
        return cast(CallReader, source.function(*results))

    @cached_property
    def naming(self) -> NameReader:
        """Read what names an entry."""
        source = self._source(
            dw.AT_NAME, dw.AT_LINKAGE_NAME, dw.AT_MIPS_LINKAGE_NAME, dw.AT_ABSTRACT_ORIGIN,
            dw.AT_SPECIFICATION,
        )  # fmt: skip
        return cast(NameReader, source.function(*_naming(source)))

    @cached_property
    def unit_bases(self) -> BasesReader:
        """Read of the first entry of a unit where its tables begin."""
        numbers = (
            dw.AT_STMT_LIST, dw.AT_STR_OFFSETS_BASE, dw.AT_ADDR_BASE, dw.AT_GNU_ADDR_BASE,
            dw.AT_RNGLISTS_BASE, dw.AT_GNU_RANGES_BASE, dw.AT_GNU_DWO_ID,
        )  # fmt: skip
        source = self._source(*numbers)
        return cast(BasesReader, source.function(*map(source.number, numbers)))

    @cached_property
    def unit_names(self) -> UnitReader:
        """Read of it what may need these tables."""
        source = self._source(
            dw.AT_COMP_DIR, dw.AT_DWO_NAME, dw.AT_GNU_DWO_NAME, dw.AT_LOW_PC, dw.AT_LANGUAGE
        )
        results = (
            source.string(dw.AT_COMP_DIR),
            source.string(dw.AT_DWO_NAME, dw.AT_GNU_DWO_NAME),
            source.address(dw.AT_LOW_PC),
            source.number(dw.AT_LANGUAGE),
        )
        return cast(UnitReader, source.function(*results))

    def _source(self, *wanted: int) -> ReaderSource:
        return ReaderSource(self._attributes, self._unit, frozenset(wanted))


def _naming(source: ReaderSource) -> tuple[str, str, str]:
    return (
        source.string(dw.AT_LINKAGE_NAME, dw.AT_MIPS_LINKAGE_NAME),
        source.string(dw.AT_NAME),
        source.reference(dw.AT_ABSTRACT_ORIGIN, dw.AT_SPECIFICATION),
    )


class AbbreviationTable(dict[int, Abbreviation]):
    """The abbreviations of a unit by their codes.

    ``sizes`` has for the first byte of an entry how far it is to the next one, 0 where one has to look closer.
    """

    def __init__(self) -> None:
        self.sizes = [0] * 256

    def __missing__(self, code: int) -> Abbreviation:
        raise MalformedNativeFileError(f"a unit uses abbreviation {code}, which is not there")

    def define(self, code: int, abbreviation: Abbreviation) -> None:
        """Add an abbreviation."""
        self[code] = abbreviation
        if code < 128 and abbreviation.kind == LEAF and abbreviation.size is not None:
            self.sizes[code] = 1 + abbreviation.size


class AbbreviationReader:
    """Reads the tables of ``.debug_abbrev``. Units share tables, and tables share abbreviations."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._tables: dict[tuple[int, UnitFormat], AbbreviationTable] = {}
        self._kinds: dict[tuple[bytes, UnitFormat], Abbreviation] = {}
        self._left_bytes = 64 * content.size + 1024 * 1024

    def table(self, offset: int, unit: UnitFormat) -> AbbreviationTable:
        """Return the table at an offset for units of a format. Raises NativeFileError."""
        table = self._tables.get((offset, unit))
        if table is None:
            if len(self._tables) >= _TABLES_AT_ONCE:
                self._tables.clear()
            table = self._tables[offset, unit] = self._read(offset, unit)
        return table

    def _read(self, offset: int, unit: UnitFormat) -> AbbreviationTable:
        content = self._content
        if offset > content.size:
            raise MalformedNativeFileError(
                f"a table of abbreviations is at {offset:#x}, behind all"
            )
        table = AbbreviationTable()
        position, end = content.start + offset, content.start + content.size
        while match := _DECLARATION.match(content.buffer, position, end):
            code, _ = read_unsigned(match[1], 0)
            if not code:
                break
            table.define(code, self._abbreviation(match[2], unit))
            position = match.end()
        self._left_bytes -= position - content.start - offset
        if self._left_bytes < 0:
            raise UnsupportedNativeFileError("its units share tables of abbreviations too often")
        return table

    def _abbreviation(self, text: bytes, unit: UnitFormat) -> Abbreviation:
        key = text, unit
        abbreviation = self._kinds.get(key)
        if abbreviation is None:
            if len(self._kinds) >= _MAX_KINDS:
                raise UnsupportedNativeFileError(f"it has more than {_MAX_KINDS:,} abbreviations")
            abbreviation = self._kinds[key] = _parse(text, unit)
        return abbreviation


@lru_cache(_KEPT_KINDS)
def _parse(text: bytes, unit: UnitFormat) -> Abbreviation:
    """Read an abbreviation, from its tag on. Those of a compiler are the same in many files."""
    tag, position = read_unsigned(text, 0)
    has_children = text[position] != 0
    position += 1
    attributes = []
    while position < len(text):
        name, position = read_unsigned(text, position)
        form, position = read_unsigned(text, position)
        constant = 0
        if form == dw.FORM_IMPLICIT_CONST:
            constant, position = read_signed(text, position)
        attributes.append(Attribute(name, form, constant))
    if len(attributes) > _MAX_ATTRIBUTES:
        raise UnsupportedNativeFileError(
            f"an abbreviation has more than {_MAX_ATTRIBUTES} attributes"
        )
    return Abbreviation(tag, has_children, attributes, unit)
