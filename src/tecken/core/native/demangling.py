# SPDX-License-Identifier: MPL-2.0

"""Names as people write them: ``std::vector<int>::push_back(int const&)`` for ``_ZNSt6vectorIiE…``.

In the style of LLVM's demanglers, which ``dump_syms`` has too: crashes are grouped by these names, so there is one style.
"""

import re
from typing import Final, cast

import pycxxfilt
import pydemumble

# Longer ones are left as they are: the longest seen has 17,000 characters.
_MAX_MANGLED_BYTES: Final = 64 * 1024
_MANGLED: Final = (b"_Z", b"__Z", b"_R", b"__R", b"?")
_SWIFT: Final = (b"$s", b"_$s", b"$S", b"_$S", b"_T0", b"__T0")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_LEGACY_RUST = re.compile(rb"_?_ZN(.*)17h[0-9a-f]{16}E(?:\.llvm\.[0-9A-F]+)?\Z")
_RUST_ESCAPE = re.compile(rb"\$(SP|BP|RF|LT|GT|LP|RP|C|u[0-9a-f]{1,6})\$|\.\.")
_RUST_TEXTS: Final = {
    b"SP": b"@", b"BP": b"*", b"RF": b"&", b"LT": b"<", b"GT": b">", b"LP": b"(", b"RP": b")",
    b"C": b",",
}  # fmt: skip

_CONVENTIONS: Final = re.compile(rb" ?\b__(?:cdecl|thiscall|stdcall|fastcall|vectorcall|clrcall) ")
_LONGEST_OF_WINDOWS = 16 * 1024


def demangled(name: bytes) -> bytes:
    """Return the name of a function as a person writes it; one that is not mangled stays.

    Hostile names may need any amount of memory: derive in a process that may have only so much.
    """
    if not name.startswith(_MANGLED + _SWIFT) or len(name) > _MAX_MANGLED_BYTES:
        return name
    if legacy := _LEGACY_RUST.match(name):
        return _legacy_rust(legacy[1]) or name
    try:
        text = name.decode()
        # On a Mac another underscore comes first.
        plain = text.removeprefix("_") if text.startswith(("__Z", "__R")) else text
        known = _swift(text) if name.startswith(_SWIFT) else pycxxfilt.demangle(plain)
    except ValueError:  # it is none, or no text
        return name
    return known.encode("utf-8", "replace") if known else name


def _swift(name: str) -> str:
    """Return a name of Swift demangled; empty where it is none."""
    return cast(str, pydemumble.demangle(name))


def one_line(name: bytes) -> bytes:
    """Return a name without what would end a record."""
    return _CONTROL.sub(b"?", name) if _CONTROL.search(name) else name


def in_one_style(name: bytes) -> bytes:
    """Return a name of GCC's debug information as LLVM writes it: ``A<B<int>>`` for ``A<B<int> >``."""
    while b"> >" in name:
        name = name.replace(b"> >", b">>")
    return name


def _legacy_rust(path: bytes) -> bytes | None:
    """Read ``4core3fmt5Write``, and the escapes of rustc's first mangling. Its hash is left out, as dump_syms does."""
    parts = []
    while path:
        digits = re.match(rb"[1-9][0-9]{0,4}", path)
        if not digits or len(path) < digits.end() + int(digits[0]):
            return None
        end = digits.end() + int(digits[0])
        part = path[digits.end() : end]
        if part.startswith(b"_$"):
            part = part[1:]
        parts.append(_RUST_ESCAPE.sub(_unescaped, part))
        path = path[end:]
    return b"::".join(parts)


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    if code is None:
        return b"::"
    if code in _RUST_TEXTS:
        return _RUST_TEXTS[code]
    number = int(code[1:], 16)
    return chr(number).encode("utf-8", "replace") if number < 0x110000 else escape[0]


def windows_name(name: bytes) -> bytes:
    """Return the name of a symbol of Windows as those of functions are: ``Foo::bar(char*)`` for ``?bar@Foo@@UEAAXPEAD@Z``.

    A demangled name of MSVC has access, kind, result and calling convention before it, which the names of functions
    in PDBs do not have.
    """
    if not name.startswith(b"?") or len(name) > _LONGEST_OF_WINDOWS:
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
