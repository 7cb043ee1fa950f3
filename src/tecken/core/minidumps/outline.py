# SPDX-License-Identifier: MPL-2.0

"""The outline of a minidump: whether a file is one, and has what a stack is read from.

Only what a program that reads minidumps would give up for without a word is looked at here.
Source: Microsoft's minidumpapiset.h, MINIDUMP_HEADER and MINIDUMP_DIRECTORY.
"""

import struct
from typing import BinaryIO, Final

from tecken.core.errors import InvalidRequestError

MAGIC: Final = b"MDMP"
_HEADER = struct.Struct("<4sIII")  # magic, version, number of streams, where their directory begins
_HEADER_BYTES = 32
_VERSION = 0xA793  # the low half; the other one is free
_ENTRY = struct.Struct("<III")  # type of a stream, its size and where it begins
_MOST_STREAMS = 1_000  # a dump has ten to thirty
_NEEDED = {7: "the system", 3: "the threads"}


def check_minidump(file: BinaryIO, size: int) -> None:
    """Look at the header and directory of a file of so many bytes.

    Raises InvalidRequestError with a sentence that names what is wrong.
    """
    file.seek(0)
    header = file.read(_HEADER_BYTES)
    if not header.startswith(MAGIC):
        raise InvalidRequestError("This is not a minidump: it does not begin with MDMP")
    if len(header) < _HEADER_BYTES:
        raise _damaged(f"its header has {len(header)} of {_HEADER_BYTES} bytes")
    _magic, version, streams, start = _HEADER.unpack_from(header)
    if version & 0xFFFF != _VERSION:
        raise _damaged(f"its version is {version & 0xFFFF:#06x} in place of {_VERSION:#06x}")
    if streams > _MOST_STREAMS:
        raise _damaged(f"it says that it has {streams:,} streams")
    if start + streams * _ENTRY.size > size:
        raise _damaged(f"the directory of its {streams} streams lies beyond its end")
    file.seek(start)
    found = {
        kind: offset + length
        for kind, length, offset in _ENTRY.iter_unpack(file.read(streams * _ENTRY.size))
    }
    for kind, what in _NEEDED.items():
        if kind not in found:
            raise _damaged(f"it has no stream of {what}")
        if found[kind] > size:
            raise _damaged(f"its stream of {what} lies beyond its end")


def _damaged(reason: str) -> InvalidRequestError:
    return InvalidRequestError(f"The minidump is damaged: {reason}")
