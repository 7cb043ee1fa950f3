# SPDX-License-Identifier: MPL-2.0

"""Ids of modules in all spellings of crash texts, and the names that are none of a file."""

import re

from tecken.core.identifiers import debug_id_of_build_id, is_full_debug_id, is_hex_id

_NO_FILE = re.compile(
    r"\[.*\]|<.*>|\?+|n/a|anon(?:ymous)?(?:_inode)?|\(?null\)?|//anon|none|-", re.I
)
_ELF = re.compile(r"\.so(?:\.[\w.]+)?$")
_SEPARATOR = re.compile(r"[/\\!]")


def is_file(name: str | None) -> bool:
    """Say whether a module's name in a text is that of a file: ``[vdso]`` and ``???`` are none."""
    return bool(name) and _NO_FILE.fullmatch(name or "") is None


def base_name(path: str) -> str:
    r"""Return the last part of a path of any system: ``b.so`` of ``a.apk!b.so`` and of ``C:\a\b.so``."""
    return _SEPARATOR.split(path)[-1] or path


def is_elf_name(path: str) -> bool:
    """Say whether a file's name is that of a shared library of Linux or Android."""
    return _ELF.search(base_name(path)) is not None


def of_build_id(text: str) -> str | None:
    """Return the debug id of an ELF build id; one of less than 16 bytes is filled up with zeros."""
    digits = text.replace("-", "").lower()
    if re.fullmatch(r"[0-9a-f]{8,128}", digits) is None:
        return None
    return debug_id_of_build_id(digits.ljust(32, "0"))


def whole_build_id(text: str) -> str | None:
    """Return a build id of 20 bytes, of which a debug id has 16; None for an id of another length."""
    digits = text.strip("<>{}").lower()
    return digits if re.fullmatch(r"[0-9a-f]{40}", digits) else None


def of_uuid(text: str) -> str | None:
    """Return the debug id of an Apple UUID, with or without its dashes; the zero UUID is none."""
    digits = text.strip("<>{}").replace("-", "").upper()
    if re.fullmatch(r"[0-9A-F]{32}", digits) is None or not digits.strip("0"):
        return None
    return digits + "0"


def of_any(text: str) -> str | None:
    """Return the debug id of an id in any spelling that says by itself what it is.

    A debug id (33 to 40 digits, or a GUID with dashes and an age), a UUID in dashes, a build id of 40
    digits or of other lengths. 40 digits are a build id: no debug id in use is as long.
    """
    digits = text.strip("<>{}()")
    plain = digits.replace("-", "")
    if len(plain) < 8:
        return plain.upper() if is_hex_id(plain) else None
    if len(plain) == 40 or re.fullmatch(
        r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}-[0-9A-Fa-f]{8}", digits
    ):
        return of_build_id(plain)
    if is_full_debug_id(plain):
        return plain.upper()
    if len(plain) == 32:
        return of_uuid(digits) if "-" in digits or digits.isupper() else of_build_id(plain)
    return of_build_id(plain)
