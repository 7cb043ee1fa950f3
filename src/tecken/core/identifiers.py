# SPDX-License-Identifier: MPL-2.0

"""Debug ids, names of symbol files, and symbol keys: parse, normalise, format.

A symbol key is ``<debug_file>/<DEBUG_ID>/<symbol_file>``, for example
``xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym``. One validator serves upload, download and
symbolication, so a key that can be stored can be asked for, and no other.

Source: Breakpad docs/symbol_files.md; the symbol server layout of the original service.
"""

import re
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from tecken.core.errors import InvalidNameError

MAX_PART_BYTES = 255  # what common file systems take as one name
MAX_KEY_BYTES = 1024  # what S3 takes as a key
NATIVE_FOLDER = ".native"
RESERVED_FIRST_PARTS = frozenset({".index", ".meta", ".parts", NATIVE_FOLDER})
NATIVE_ROLES = frozenset({"debuginfo", "executable", "sourcebundle", "split"})

_MIN_NATIVE_ID, _MAX_NATIVE_ID = 3, 128  # digits
_REFUSED_CHARACTER = re.compile(r"""[\x00-\x1f\x7f-\xff\\^`><{}\[\]#%"'|/\ud800-\udfff]""")
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")
_FULL_DEBUG_ID = re.compile(r"[0-9A-Fa-f]{32}[0-9A-Fa-f]{1,8}\Z")


@dataclass(frozen=True, slots=True)
class SymbolKey:
    """One file of a symbol store. The debug id (or code id) is in upper case.

    ``str(key)`` is ``"xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"``.
    """

    debug_file: str
    debug_id: str
    symbol_file: str

    def __str__(self) -> str:
        return f"{self.debug_file}/{self.debug_id}/{self.symbol_file}"

    @classmethod
    def of_parts(cls, debug_file: str, debug_id: str, symbol_file: str) -> Self:
        """Build a key from its three parts, checked and normalised.

        Raises InvalidNameError for a part that can never be stored.
        """
        validate_file_name(debug_file)
        if debug_file in RESERVED_FIRST_PARTS:
            raise InvalidNameError(debug_file, "is a reserved name")
        if not is_hex_id(debug_id) or len(debug_id) > MAX_PART_BYTES:
            raise InvalidNameError(debug_id, "is not a hexadecimal id")
        validate_file_name(symbol_file)
        key = cls(debug_file, debug_id.upper(), symbol_file)
        if len(str(key).encode()) > MAX_KEY_BYTES:
            raise InvalidNameError(str(key), f"is longer than {MAX_KEY_BYTES} bytes")
        return key

    @classmethod
    def of_module(cls, debug_file: str, debug_id: str) -> Self:
        """Return the key of a module's symbol file. Raises InvalidNameError.

        ``of_module("xul.pdb", "44e4…")`` has the symbol file ``xul.sym``.
        """
        return cls.of_parts(debug_file, debug_id, symbol_file_name(debug_file))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``debug_file/debug_id/symbol_file``. Raises InvalidNameError."""
        parts = text.split("/")
        if len(parts) != 3:
            raise InvalidNameError(text, "is not of the form <debug file>/<debug id>/<symbol file>")
        return cls.of_parts(*parts)


class NativeKey(SymbolKey):
    """Where an original of a build is kept, by the id of its module and what it is to it.

    ``str(key)`` is ``".native/c6/be8361e29a54ceecfa6fca10f44c9c51011ab4/debuginfo"``. The parts are the folder, the
    id in lower case, and the role.
    """

    def __str__(self) -> str:
        return f"{NATIVE_FOLDER}/{self.debug_id[:2]}/{self.debug_id[2:]}/{self.symbol_file}"

    @classmethod
    def of_id(cls, native_id: str, role: str) -> Self:
        """Return the key of an original. Raises InvalidNameError.

        The id is a build id, a UUID, or a GUID and age, in any case.
        """
        if not is_hex_id(native_id) or not _MIN_NATIVE_ID <= len(native_id) <= _MAX_NATIVE_ID:
            raise InvalidNameError(native_id, "is no id of a native file")
        if role not in NATIVE_ROLES:
            raise InvalidNameError(role, "is nothing that a native file is to a module")
        return cls(NATIVE_FOLDER, native_id.lower(), role)


def parse_stored_key(text: str) -> SymbolKey:
    """Parse a symbol key, or the key of an original. Raises InvalidNameError."""
    folder, _, rest = text.partition("/")
    if folder != NATIVE_FOLDER:
        return SymbolKey.parse(text)
    parts = rest.split("/")
    key = NativeKey.of_id("".join(parts[:2]), parts[-1])
    if str(key) != text:
        raise InvalidNameError(text, "is not the key of a native file")
    return key


def validate_file_name(name: str) -> None:
    """Check one part of a key; raises InvalidNameError that says what is wrong with it.

    Allowed are space, ``+ ~ @ $`` and Unicode from U+0100 up; see SPEC section 2 for the refused.
    """
    if not name:
        raise InvalidNameError(name, "is empty")
    if name in {".", ".."}:
        raise InvalidNameError(name, "is not a file name")
    if _REFUSED_CHARACTER.search(name):
        raise InvalidNameError(name, "contains invalid characters")
    if len(name.encode()) > MAX_PART_BYTES:
        raise InvalidNameError(name, f"is longer than {MAX_PART_BYTES} bytes")


def is_hex_id(text: str) -> bool:
    """Say whether ``text`` is one or more hexadecimal digits: what an id in a key must be."""
    return _HEX.match(text) is not None


def is_full_debug_id(text: str) -> bool:
    """Say whether ``text`` is a GUID (32 hexadecimal digits) followed by an age (1 to 8)."""
    return _FULL_DEBUG_ID.match(text) is not None


def debug_id_of_build_id(build_id: str) -> str:
    """Return the debug id that ``dump_syms`` gives to an ELF module with this build id.

    It is the first 16 bytes as a GUID, whose first three numbers are little-endian, and the age 0:
    ``2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567`` gives ``5A1C3F2B9D8E47606B1FA2C4D5E6F7890``. The
    build id has at least 32 hexadecimal digits. Source: Breakpad's ``FileID::ConvertIdentifierToUUIDString``.
    """
    return UUID(hex=build_id[:32]).bytes_le.hex().upper() + "0"


def symbol_file_name(debug_file: str) -> str:
    """Return the name of a debug file's symbol file: ``xul.sym`` for ``xul.pdb``.

    A debug file without ``.pdb`` (any case) gets ``.sym`` added: ``libxul.so.sym``.
    """
    stem = debug_file[:-4] if debug_file.lower().endswith(".pdb") else debug_file
    return f"{stem}.sym"
