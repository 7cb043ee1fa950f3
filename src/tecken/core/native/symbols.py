# SPDX-License-Identifier: MPL-2.0

"""A function of a symbol table."""

from typing import NamedTuple


class CodeSymbol(NamedTuple):
    """``address`` as linked, ``size`` 0 where it is not known."""

    address: int
    size: int
    name: bytes
