# SPDX-License-Identifier: MPL-2.0

"""The directory of a zip file, read within limits.

Everything a zip says of itself is a claim: counts are checked before the entries are read, sizes
before a byte is inflated. Names and extra fields are read entry by entry, so memory is bounded by the
limits.

The members must fill the archive without gap, each as its entry says: then it has no bytes that
another reader could take for another member, and no two members share bytes (a bomb that needs no
deep ratio). Read is what tools write: a comment, zip64, sizes that follow the data, paddings.
Source: APPNOTE.TXT 6.3.10, section 4.3.12.
"""

import stat
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from tecken.core.archives.end_record import NOT_A_ZIP, Directory, find_directory, read_at
from tecken.core.archives.header_fields import name_and_sizes
from tecken.core.archives.local_headers import ENCRYPTED, Entry, Extent, check_local_header
from tecken.core.errors import ArchiveRefusedError, LimitExceededError

STORED = 0
DEFLATED = 8

_ENTRY = struct.Struct("<4s6H3L5H2L")
# What an archive begins with that was to be split into several. Section 8.5.3; some tools write the
# first mark where one part was enough, too.
_SPLIT_MARKS = {b"PK\7\10", b"PK00"}
_SPLIT_MARK_BYTES = 4
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
    """A file in an archive; sizes are in bytes, and ``data_offset`` is where its own begin.

    ``end_follows`` says that a reader that streams finds its end only when it comes to it.
    """

    name: str
    size: int
    compressed_size: int
    crc: int
    method: int
    data_offset: int
    end_follows: bool = False


def read_directory(file: BinaryIO, limits: ArchiveLimits) -> tuple[ArchiveMember, ...]:
    """Return the files of a zip in the order of its directory; entries of folders are left out.

    Raises ArchiveRefusedError for what is no readable zip or can be read in several ways, encrypted
    members, symbolic links and unknown methods; LimitExceededError for more than the limits.
    """
    directory = find_directory(file)
    if directory.count > limits.max_members:
        raise LimitExceededError(
            f"The archive has {directory.count} members, and {limits.max_members} are allowed"
        )
    entries = list(_read_entries(file, directory))
    files = [entry for entry in entries if not entry.name.endswith("/")]
    for entry in files:
        _refuse_unsupported(entry)
    _check_limits(files, limits)
    _check_ratio(sum(entry.size for entry in files), file.seek(0, 2), limits.max_ratio)
    extents = _check_extents(file, entries, directory)
    return tuple(_member(entry, extents[entry.header_offset]) for entry in files)


def _read_entries(file: BinaryIO, directory: Directory) -> Iterator[Entry]:
    at = directory.start
    stop = directory.start + directory.size
    for _ in range(directory.count):
        if at + _ENTRY.size > stop:
            raise ArchiveRefusedError(NOT_A_ZIP)
        fields = _ENTRY.unpack(read_at(file, at, _ENTRY.size))
        name_size, extra_size, comment_size, disk = fields[10:14]
        at += _ENTRY.size
        if fields[0] != b"PK\1\2" or disk or at + name_size + extra_size + comment_size > stop:
            raise ArchiveRefusedError(NOT_A_ZIP)
        rest = read_at(file, at, name_size + extra_size)
        at += name_size + extra_size + comment_size
        yield _parse_entry(fields, rest[:name_size], rest[name_size:])
    if at != stop:
        raise ArchiveRefusedError(NOT_A_ZIP)


def _parse_entry(fields: tuple[int, ...], raw_name: bytes, extra: bytes) -> Entry:
    flags, method, crc, compressed_size, size = fields[3], fields[4], *fields[7:10]
    name, (size, compressed_size, offset) = name_and_sizes(
        raw_name, flags, extra, (size, compressed_size, fields[16])
    )
    mode = fields[15] >> 16
    return Entry(name, flags, method, crc, size, compressed_size, mode, offset)


def _check_extents(
    file: BinaryIO, entries: Iterable[Entry], directory: Directory
) -> Mapping[int, Extent]:
    """Check every member where it is; return what it takes, by where its header is."""
    extents = {}
    at, before = _beginning(file), "its beginning"
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < at:
            raise ArchiveRefusedError(f"{entry.name!r} overlaps another member of the archive")
        if entry.header_offset > at:
            raise _gap_error(at, entry.header_offset, repr(entry.name))
        extent = extents[entry.header_offset] = check_local_header(file, entry)
        at, before = extent.end, repr(entry.name)
    if at > directory.start:
        raise ArchiveRefusedError(f"{before} overlaps the directory of the archive")
    if at < directory.start:
        raise _gap_error(at, directory.start, "its directory")
    return extents


def _beginning(file: BinaryIO) -> int:
    """Return where the first member is."""
    return _SPLIT_MARK_BYTES if read_at(file, 0, _SPLIT_MARK_BYTES) in _SPLIT_MARKS else 0


def _gap_error(start: int, end: int, what: str) -> ArchiveRefusedError:
    return ArchiveRefusedError(
        f"The archive has {end - start} bytes before {what} that belong to no member"
    )


def _member(entry: Entry, extent: Extent) -> ArchiveMember:
    return ArchiveMember(
        entry.name,
        entry.size,
        entry.compressed_size,
        entry.crc,
        entry.method,
        extent.data,
        extent.end_follows,
    )


def _refuse_unsupported(entry: Entry) -> None:
    if entry.flags & ENCRYPTED:
        raise ArchiveRefusedError(f"{entry.name!r} is encrypted")
    if stat.S_ISLNK(entry.mode):
        raise ArchiveRefusedError(f"{entry.name!r} is a symbolic link")
    if entry.method not in {STORED, DEFLATED}:
        raise ArchiveRefusedError(
            f"{entry.name!r} is compressed by method {entry.method}; only deflate is supported"
        )
    if entry.method == STORED and entry.size != entry.compressed_size:
        raise ArchiveRefusedError(f"{entry.name!r} is damaged: it has two sizes")


def _check_limits(members: Iterable[Entry], limits: ArchiveLimits) -> None:
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
