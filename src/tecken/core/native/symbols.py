# SPDX-License-Identifier: MPL-2.0

"""A function of a symbol table."""

from typing import Final, NamedTuple

MAX_SYMBOLS: Final = 8_000_000  # of a table; the largest seen has 1.2 million


class CodeSymbol(NamedTuple):
    """``address`` as linked, ``size`` 0 where it is not known."""

    address: int
    size: int
    name: bytes
