# SPDX-License-Identifier: MPL-2.0

"""What stands in the directory and again before each member: names and sizes.

Both have to say the same, whatever a reader goes by. Source: APPNOTE.TXT 6.3.10, sections 4.4.4 (bit
11), 4.5.3 (zip64), 4.6.9 (Unicode path).
"""

import struct
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tecken.core.errors import ArchiveRefusedError

MAX_32 = 0xFFFFFFFF
_UTF8_NAME = 0x800
_MAX_NAME_BYTES = 1024  # no symbol key is longer
_MAX_EXTRA_FIELDS = 64  # tools write some; zeros at the end are none
_ZIP64 = 0x0001
_UNICODE_PATH = 0x7075
_UNICODE_PATH_HEAD = 5  # its version, and a checksum of the other name

Sizes: TypeAlias = tuple[int, int, int]  # of the member, as it is packed, and where its header is
_Fields: TypeAlias = Mapping[int, bytes]  # extra fields by their kinds


def name_and_sizes(raw: bytes, flags: int, extra: bytes, sizes: Sizes) -> tuple[str, Sizes]:
    """Return the name of a member, and its sizes, which zip64 has where ``sizes`` do not.

    Raises ArchiveRefusedError, also when it has two names or other sizes.
    """
    if len(raw) > _MAX_NAME_BYTES:
        raise ArchiveRefusedError(f"The archive has a name of more than {_MAX_NAME_BYTES} bytes")
    try:
        name = raw.decode("utf-8" if flags & _UTF8_NAME else "cp437")
        fields = _extra_fields(name, extra)
        name = _unicode_path(name, raw, fields)
    except UnicodeDecodeError:
        raise ArchiveRefusedError(f"The archive has a name that is not UTF-8: {raw!r}") from None
    if "\0" in name:
        raise ArchiveRefusedError(f"{name!r} has a NUL in its name")
    return name, _wide_sizes(name, sizes, fields)


def _unicode_path(name: str, raw: bytes, fields: _Fields) -> str:
    """Return the name that an extra field repeats in UTF-8, or ``name`` where there is none."""
    if _UNICODE_PATH not in fields:
        return name
    again = fields[_UNICODE_PATH][_UNICODE_PATH_HEAD:]
    if again.decode() != name and again != raw:  # Info-ZIP has UTF-8 in both and does not say so
        raise ArchiveRefusedError(f"{name!r} is called {again.decode()!r}, too")
    return again.decode()


def _wide_sizes(name: str, sizes: Sizes, fields: _Fields) -> Sizes:
    """Return the sizes, those that are missing from zip64.

    That has what is missing and no more, or else all, and then it must be the same.
    """
    data = fields.get(_ZIP64, b"")
    wide = [value for (value,) in struct.iter_unpack("<Q", data[: len(data) & -8])]
    missing = sizes.count(MAX_32)
    if missing > len(wide):
        raise ArchiveRefusedError(f"{name!r} has no sizes")
    if missing == len(wide):
        left = iter(wide)
        size, packed, offset = (next(left) if value == MAX_32 else value for value in sizes)
        return size, packed, offset
    if any(value not in {of_wide, MAX_32} for value, of_wide in zip(sizes, wide, strict=False)):
        raise ArchiveRefusedError(f"{name!r} has two sizes that contradict each other")
    both = (*wide[:3], *sizes[len(wide) :])
    return both[0], both[1], both[2]


def _extra_fields(name: str, extra: bytes) -> _Fields:
    fields: dict[int, bytes] = {}
    for number, (kind, data) in enumerate(_split(name, extra)):
        if kind in fields and kind in {_ZIP64, _UNICODE_PATH}:
            raise ArchiveRefusedError(f"{name!r} has an extra field twice")
        if number == _MAX_EXTRA_FIELDS:
            raise ArchiveRefusedError(f"{name!r} has more than {number} extra fields")
        fields[kind] = data
    return fields


def _split(name: str, extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields; zeros at the end, or less than the head of a field, are padding."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == size == 0 and extra.count(0, at) == len(extra) - at:
            return
        at += 4
        if at + size > len(extra):
            raise ArchiveRefusedError(f"{name!r} has a damaged extra field")
        yield kind, extra[at : at + size]
        at += size
