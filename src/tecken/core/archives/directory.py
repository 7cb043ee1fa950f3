# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The directory of a zip file, read within limits.

Everything a zip says of itself is a claim: counts are checked before the entries are read, sizes
before a byte is inflated, and no two members may share bytes of the file (a bomb that needs no
deep ratio). Names and extra fields are read entry by entry, so memory is bounded by the limits.

Read are what tools write: a comment, zip64, data before the archive. Source: APPNOTE.TXT 6.3.10,
sections 4.3.12 (directory), 4.3.14 to 4.3.16 (end records), 4.5.3 (zip64 extra field).
"""

import stat
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tecken.core.errors import ArchiveRefusedError, LimitExceededError

NOT_A_ZIP = "File is not a zip file"
STORED = 0
DEFLATED = 8
LOCAL_HEADER = struct.Struct("<4s5H3L2H")  # section 4.3.7

_ENTRY = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_END64_LOCATOR = struct.Struct("<4sLQL")
_ENCRYPTED = 0x2041  # bits 0 (encrypted), 6 (strong encryption), 13 (hidden headers)
_UTF8_NAME = 0x800
_MAX_16 = 0xFFFF
_MAX_32 = 0xFFFFFFFF
_ZIP64_EXTRA = 1
_MAX_NAME_BYTES = 1024  # no symbol key is longer
_RATIO_COUNTS_FROM = 16 * 1024 * 1024  # small members of one letter are no bombs


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may claim: members, bytes of one and of all when inflated, and inflation."""

    max_members: int
    max_member_bytes: int
    max_total_bytes: int
    max_ratio: int


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file in an archive, as its directory describes it; sizes are in bytes."""

    name: str
    size: int
    compressed_size: int
    crc: int
    method: int
    header_offset: int


@dataclass(frozen=True, slots=True)
class _End:
    """Where the directory is. ``shift`` is the number of bytes before the archive."""

    count: int
    start: int
    size: int
    shift: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the directory, unjudged."""

    member: ArchiveMember
    flags: int
    mode: int
    name_bytes: int


def read_directory(file: BinaryIO, limits: ArchiveLimits) -> tuple[ArchiveMember, ...]:
    """Return the files of a zip in the order of its directory; entries of folders are left out.

    Raises ArchiveRefusedError for what is no readable zip, encrypted members, symbolic links and
    unknown methods; LimitExceededError for more than the limits.
    """
    end = _find_end(file)
    if end.count > limits.max_members:
        raise LimitExceededError(
            f"The archive has {end.count} members, and {limits.max_members} are allowed"
        )
    entries = list(_read_entries(file, end))
    _refuse_shared_bytes(entries, end.start)
    files = tuple(entry for entry in entries if not entry.member.name.endswith("/"))
    for entry in files:
        _refuse_unsupported(entry)
    members = tuple(entry.member for entry in files)
    _check_limits(members, limits)
    _check_ratio(sum(member.size for member in members), file.seek(0, 2), limits.max_ratio)
    return members


def _find_end(file: BinaryIO) -> _End:
    file_size = file.seek(0, 2)
    tail_start = max(0, file_size - _END.size - _MAX_16)
    tail = _read(file, tail_start, file_size - tail_start)
    at = tail.rfind(b"PK\5\6")
    while at >= 0:  # the comment may hold anything, so the last signature need not be the record
        end = _parse_end(file, tail_start + at, tail[at:])
        if end is not None:
            return end
        at = tail.rfind(b"PK\5\6", 0, at)
    raise ArchiveRefusedError(NOT_A_ZIP)


def _parse_end(file: BinaryIO, at: int, data: bytes) -> _End | None:
    """Read an end record; None when these bytes are none, or of an archive in several files."""
    if len(data) < _END.size:
        return None
    _, disk, first_disk, count_here, count, size, offset, comment_size = _END.unpack_from(data)
    if _END.size + comment_size > len(data):
        return None
    zip64 = _find_end64(file, at)
    if zip64 is not None:
        at, disk, first_disk, count_here, count, size, offset = zip64
    shift = at - size - offset
    if disk or first_disk or count_here != count or shift < 0:
        return None
    return _End(count, start=at - size, size=size, shift=shift)


def _find_end64(file: BinaryIO, end_at: int) -> tuple[int, ...] | None:
    """Read the zip64 end record, which stands with its locator just before the end record."""
    at = end_at - _END64_LOCATOR.size - _END64.size
    if at < 0:
        return None
    records = _read(file, at, _END64.size + _END64_LOCATOR.size)
    if records[_END64.size : _END64.size + 4] != b"PK\6\7":
        return None
    signature, _, _, _, *fields = _END64.unpack_from(records)
    return (at, *fields) if signature == b"PK\6\6" else None


def _read_entries(file: BinaryIO, end: _End) -> Iterator[_Entry]:
    at = end.start
    stop = end.start + end.size
    for _ in range(end.count):
        if at + _ENTRY.size > stop:
            raise ArchiveRefusedError(NOT_A_ZIP)
        fields = _ENTRY.unpack(_read(file, at, _ENTRY.size))
        name_size, extra_size, comment_size = fields[10:13]
        at += _ENTRY.size
        if fields[0] != b"PK\1\2" or at + name_size + extra_size + comment_size > stop:
            raise ArchiveRefusedError(NOT_A_ZIP)
        rest = _read(file, at, name_size + extra_size)
        at += name_size + extra_size + comment_size
        yield _parse_entry(fields, rest[:name_size], rest[name_size:], end.shift)
    if at != stop:
        raise ArchiveRefusedError(NOT_A_ZIP)


def _parse_entry(fields: tuple[int, ...], raw_name: bytes, extra: bytes, shift: int) -> _Entry:
    flags, method, crc = fields[3], fields[4], fields[7]
    name = _decode_name(raw_name, flags)
    compressed_size, size, offset = fields[8], fields[9], fields[16]
    wide = _zip64_values(extra)
    try:
        size = next(wide) if size == _MAX_32 else size
        compressed_size = next(wide) if compressed_size == _MAX_32 else compressed_size
        offset = next(wide) if offset == _MAX_32 else offset
    except StopIteration:
        raise ArchiveRefusedError(f"{name!r} has no sizes") from None
    member = ArchiveMember(name, size, compressed_size, crc, method, offset + shift)
    return _Entry(member, flags, mode=fields[15] >> 16, name_bytes=len(raw_name))


def _decode_name(raw: bytes, flags: int) -> str:
    if len(raw) > _MAX_NAME_BYTES:
        raise ArchiveRefusedError(f"The archive has a name of more than {_MAX_NAME_BYTES} bytes")
    try:
        return raw.decode("utf-8" if flags & _UTF8_NAME else "cp437")
    except UnicodeDecodeError:
        raise ArchiveRefusedError(f"The archive has a name that is not UTF-8: {raw!r}") from None


def _zip64_values(extra: bytes) -> Iterator[int]:
    """Yield the 64-bit values of the zip64 extra field, if there is one."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<2H", extra)
        if kind == _ZIP64_EXTRA:
            values = extra[4 : 4 + size]
            yield from (value for (value,) in struct.iter_unpack("<Q", values[: len(values) & -8]))
            return
        extra = extra[4 + size :]


def _refuse_shared_bytes(entries: Iterable[_Entry], directory_start: int) -> None:
    free_from = 0
    for entry in sorted(entries, key=lambda entry: entry.member.header_offset):
        member = entry.member
        if member.header_offset < free_from:
            raise ArchiveRefusedError(f"{member.name!r} overlaps another member of the archive")
        header_size = LOCAL_HEADER.size + entry.name_bytes
        free_from = member.header_offset + header_size + member.compressed_size
    if free_from > directory_start:
        raise ArchiveRefusedError(NOT_A_ZIP)


def _refuse_unsupported(entry: _Entry) -> None:
    name = entry.member.name
    if entry.flags & _ENCRYPTED:
        raise ArchiveRefusedError(f"{name!r} is encrypted")
    if stat.S_ISLNK(entry.mode):
        raise ArchiveRefusedError(f"{name!r} is a symbolic link")
    if entry.member.method not in {STORED, DEFLATED}:
        raise ArchiveRefusedError(
            f"{name!r} is compressed by method {entry.member.method}; only deflate is supported"
        )
    if entry.member.method == STORED and entry.member.size != entry.member.compressed_size:
        raise ArchiveRefusedError(f"{name!r} is damaged: it has two sizes")


def _check_limits(members: Iterable[ArchiveMember], limits: ArchiveLimits) -> None:
    total = 0
    for member in members:
        total += member.size
        if member.size > limits.max_member_bytes:
            raise LimitExceededError(
                f"{member.name!r} has {member.size} bytes, "
                f"and {limits.max_member_bytes} are allowed"
            )
        if (
            member.size > _RATIO_COUNTS_FROM
            and member.size > member.compressed_size * limits.max_ratio
        ):
            raise LimitExceededError(
                f"{member.name!r} is compressed more than {limits.max_ratio} times"
            )
    if total > limits.max_total_bytes:
        raise LimitExceededError(
            f"The files of the archive have {total} bytes, and {limits.max_total_bytes} are allowed"
        )


def _check_ratio(total: int, archive_bytes: int, max_ratio: int) -> None:
    """Judge all members together: many that are small are as large as one."""
    if total > _RATIO_COUNTS_FROM and total > archive_bytes * max_ratio:
        raise LimitExceededError(f"The archive is compressed more than {max_ratio} times")


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    data = file.read(size)
    if len(data) != size:
        raise ArchiveRefusedError(NOT_A_ZIP)
    return data
