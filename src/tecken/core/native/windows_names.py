# SPDX-License-Identifier: MPL-2.0

"""Names of symbols of Windows as those of functions are: ``Foo::bar(char*)`` for ``?bar@Foo@@UEAAXPEAD@Z``.

A demangled name of MSVC has access, kind, result and calling convention before it, which the names of functions in
PDBs do not have.
"""

import re
from typing import Final

from tecken.core.native.demangling import demangled, one_line

_CONVENTIONS: Final = re.compile(rb" ?\b__(?:cdecl|thiscall|stdcall|fastcall|vectorcall|clrcall) ")
_LONGEST = 16 * 1024


def readable(name: bytes) -> bytes:
    """Return the name of a function or symbol, as records have it."""
    if not name.startswith(b"?") or len(name) > _LONGEST:
        return one_line(name)
    full = demangled(name)
    return one_line(name if full == name else _without_type(full))


def _without_type(name: bytes) -> bytes:
    """Return what follows the calling convention that stands outside of brackets."""
    for found in _CONVENTIONS.finditer(name):
        before = name[: found.start()]
        if all(before.count(a) == before.count(b) for a, b in ((b"<", b">"), (b"(", b")"))):
            name = name[found.end() :]
            break
    name = name.replace(b"(void)", b"()")
    return name.replace(b" *", b"*").replace(b" &", b"&")
