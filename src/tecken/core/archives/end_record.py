# SPDX-License-Identifier: MPL-2.0

"""Where the directory of a zip file is.

Its readers look for that in several ways, and one file can be made that is another archive to each.
So all that they may go by has to agree: the end record is the last one, the directory ends where it
begins, the archive begins where its file does, and what zip64 repeats is the same. Self-extracting
archives are refused: some readers count offsets from the program before them, and some do not.

Source: APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16.
"""

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

from tecken.core.errors import ArchiveRefusedError

NOT_A_ZIP = "File is not a zip file"
_SEVERAL_ENDS = "The archive has several ends, or a comment that looks like one"
_SIGNATURE = b"PK\5\6"
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64_REST = _END64.size - 12  # what the record says of its own size
_MAX_16 = 0xFFFF
_MAX_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Directory:
    """How many entries the directory says it has, where it starts, and its size in bytes."""

    count: int
    start: int
    size: int


def read_at(file: BinaryIO, at: int, size: int) -> bytes:
    """Read exactly these bytes of an archive. Raises ArchiveRefusedError where it has ended before."""
    data = os.pread(file.fileno(), size, at)
    if len(data) != size:
        raise ArchiveRefusedError(NOT_A_ZIP)
    return data


def find_directory(file: BinaryIO) -> Directory:
    """Find the directory by the end record. Raises ArchiveRefusedError."""
    file_size = file.seek(0, 2)
    tail_start = max(0, file_size - _END.size - _MAX_16)
    tail = read_at(file, tail_start, file_size - tail_start)
    at = tail.rfind(_SIGNATURE)
    refused = ArchiveRefusedError(NOT_A_ZIP if tail.count(_SIGNATURE) < 2 else _SEVERAL_ENDS)
    record = tail[at:] if at >= 0 else b""
    if len(record) < _END.size:
        raise refused
    _, disk, first_disk, count_here, *fields, comment_size = _END.unpack_from(record)
    if _END.size + comment_size > len(record):
        raise refused
    end = tail_start + at
    fields64 = _read_end64(file, end)
    if fields64 is not None:
        _refuse_contradictions(fields64[2:], (count_here, *fields))
        disk, first_disk, count_here, *fields = fields64
        end -= _END64_LOCATOR.size + _END64.size
    count, size, start = fields
    if disk or first_disk or count_here != count or start + size > end:
        raise refused
    if start + size < end:
        raise ArchiveRefusedError(
            f"The archive has {end - start - size} bytes that belong to no member, before it or "
            "after its directory"
        )
    return Directory(count, start, size)


def _read_end64(file: BinaryIO, end: int) -> tuple[int, ...] | None:
    """Read the zip64 end record; its locator stands just before the end record if there is one."""
    at = end - _END64_LOCATOR.size
    if at < 0:
        return None
    signature, disk, offset, disks = _END64_LOCATOR.unpack(read_at(file, at, _END64_LOCATOR.size))
    if signature != b"PK\6\7":
        return None
    at -= _END64.size
    if disk or disks != 1 or offset != at or at < 0:
        raise ArchiveRefusedError(NOT_A_ZIP)
    signature, rest, _, _, *fields = _END64.unpack(read_at(file, at, _END64.size))
    if signature != b"PK\6\6" or rest != _END64_REST:
        raise ArchiveRefusedError(NOT_A_ZIP)
    return tuple(fields)


def _refuse_contradictions(fields64: tuple[int, ...], fields: tuple[int, ...]) -> None:
    """Refuse an end record that says something else than that of zip64, and not that it is there."""
    for wide, narrow, unknown in zip(
        fields64, fields, (_MAX_16, _MAX_16, _MAX_32, _MAX_32), strict=True
    ):
        if narrow not in {wide, unknown}:
            raise ArchiveRefusedError("The archive has two ends that contradict each other")
