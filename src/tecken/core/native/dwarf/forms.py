# SPDX-License-Identifier: MPL-2.0

"""How the value of an attribute is encoded: its size, and what has to be done to get at it.

Source: DWARF 5, section 7.5.5 and 7.5.6; for split units of version 4 the wiki page "DebugFission" of GCC.
"""

from typing import Final, NamedTuple

from tecken.core.errors import UnsupportedNativeFileError
from tecken.core.native.dwarf import constants as dw


class UnitFormat(NamedTuple):
    """What the sizes of values depend on; ``order`` is ``"<"`` or ``">"``."""

    version: int
    address_size: int
    offset_size: int
    order: str


class Attribute(NamedTuple):
    """An attribute as an abbreviation has it; ``constant`` is the value where the form has it there."""

    name: int
    form: int
    constant: int


_SIZES: Final = {
    dw.FORM_DATA1: 1, dw.FORM_FLAG: 1, dw.FORM_REF1: 1, dw.FORM_STRX1: 1, dw.FORM_ADDRX1: 1,
    dw.FORM_DATA2: 2, dw.FORM_REF2: 2, dw.FORM_STRX2: 2, dw.FORM_ADDRX2: 2,
    dw.FORM_STRX3: 3, dw.FORM_ADDRX3: 3,
    dw.FORM_DATA4: 4, dw.FORM_REF4: 4, dw.FORM_STRX4: 4, dw.FORM_ADDRX4: 4, dw.FORM_REF_SUP4: 4,
    dw.FORM_DATA8: 8, dw.FORM_REF8: 8, dw.FORM_REF_SIG8: 8, dw.FORM_REF_SUP8: 8,
    dw.FORM_DATA16: 16,
    dw.FORM_FLAG_PRESENT: 0, dw.FORM_IMPLICIT_CONST: 0,
}  # fmt: skip
_OFFSETS: Final = {
    dw.FORM_STRP, dw.FORM_SEC_OFFSET, dw.FORM_LINE_STRP, dw.FORM_STRP_SUP,
    dw.FORM_GNU_REF_ALT, dw.FORM_GNU_STRP_ALT,
}  # fmt: skip

UNSIGNED: Final = frozenset({
    dw.FORM_UDATA, dw.FORM_REF_UDATA, dw.FORM_STRX, dw.FORM_ADDRX, dw.FORM_LOCLISTX,
    dw.FORM_RNGLISTX, dw.FORM_GNU_ADDR_INDEX, dw.FORM_GNU_STR_INDEX,
})  # fmt: skip
BLOCKS: Final = {dw.FORM_BLOCK1: 1, dw.FORM_BLOCK2: 2, dw.FORM_BLOCK4: 4}
LEB_BLOCKS: Final = frozenset({dw.FORM_BLOCK, dw.FORM_EXPRLOC})

# What values mean that a unit has to look up.
REFERENCES: Final = frozenset({
    dw.FORM_REF1, dw.FORM_REF2, dw.FORM_REF4, dw.FORM_REF8, dw.FORM_REF_UDATA,
})  # fmt: skip
ALTERNATE_REFERENCES: Final = frozenset({
    dw.FORM_GNU_REF_ALT, dw.FORM_REF_SUP4, dw.FORM_REF_SUP8,
})  # fmt: skip
ALTERNATE_STRINGS: Final = frozenset({dw.FORM_GNU_STRP_ALT, dw.FORM_STRP_SUP})
INDEXED_STRINGS: Final = frozenset({
    dw.FORM_STRX, dw.FORM_STRX1, dw.FORM_STRX2, dw.FORM_STRX3, dw.FORM_STRX4, dw.FORM_GNU_STR_INDEX,
})  # fmt: skip
INDEXED_ADDRESSES: Final = frozenset({
    dw.FORM_ADDRX, dw.FORM_ADDRX1, dw.FORM_ADDRX2, dw.FORM_ADDRX3, dw.FORM_ADDRX4,
    dw.FORM_GNU_ADDR_INDEX,
})  # fmt: skip
ADDRESSES: Final = INDEXED_ADDRESSES | {dw.FORM_ADDR}


def fixed_size(form: int, unit: UnitFormat) -> int | None:
    """Return the bytes of a value of this form, None where each value has its own size.

    Raises UnsupportedNativeFileError for a form that is not known: nothing behind it can be read.
    """
    if form in _SIZES:
        return _SIZES[form]
    if form in _OFFSETS:
        return unit.offset_size
    if form == dw.FORM_ADDR:
        return unit.address_size
    if form == dw.FORM_REF_ADDR:
        return unit.address_size if unit.version == 2 else unit.offset_size
    if form in UNSIGNED or form in BLOCKS or form in LEB_BLOCKS:
        return None
    if form in {dw.FORM_STRING, dw.FORM_SDATA}:
        return None
    raise UnsupportedNativeFileError(f"the debug information has values of unknown form {form:#x}")
