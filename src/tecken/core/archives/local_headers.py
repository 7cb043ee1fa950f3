# SPDX-License-Identifier: MPL-2.0

"""What stands before and after each member, held against the directory.

A reader that streams goes by these headers and never sees the directory. One file can hold other
members for it, so nothing may differ: names, methods, sizes, checksums, encryption. Where the sizes
follow the data, as tools write them that stream, those are compared.

Source: APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.9 (data descriptor).
"""

import os
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tecken.core.archives.header_fields import MAX_32, name_and_sizes
from tecken.core.errors import ArchiveRefusedError

ENCRYPTED = 0x2041  # bits 0 (encrypted), 6 (strong encryption), 13 (hidden headers)
_SIZES_FOLLOW = 0x8
_HEADER = struct.Struct("<4s5H3L2H")
_DESCRIPTOR_SIGNATURE = b"PK\7\10"
_MAX_DESCRIPTOR_BYTES = 24
_MAX_ALIKE = 1000  # in one member; they are looked at one by one
_LIKE_A_DESCRIPTOR = re.compile(rb"PK\x07\x08(?=.{4}(?:(.{4})\1|(.{8})\2))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """A member as the directory describes it; sizes are in bytes."""

    name: str
    flags: int
    method: int
    crc: int
    size: int
    compressed_size: int
    mode: int
    header_offset: int


@dataclass(frozen=True, slots=True)
class Extent:
    """Where the data of a member begin, where all that belongs to it ends, and if a descriptor says so."""

    data: int
    end: int
    end_follows: bool


def check_local_header(file: BinaryIO, entry: Entry) -> Extent:
    """Compare a member with its entry. Raises ArchiveRefusedError, which names it."""
    header = _read(file, entry.header_offset, _HEADER.size)
    if len(header) != _HEADER.size or not header.startswith(b"PK\3\4"):
        raise ArchiveRefusedError(f"{entry.name!r} is damaged: it has no header")
    _, _, flags, method, _, _, crc, compressed_size, size, name_size, extra_size = _HEADER.unpack(
        header
    )
    rest = _read(file, entry.header_offset + _HEADER.size, name_size + extra_size)
    name, (size, compressed_size, _) = name_and_sizes(
        rest[:name_size], flags, rest[name_size:], (size, compressed_size, 0)
    )
    if name != entry.name:
        raise ArchiveRefusedError(f"{entry.name!r} is called {name!r} in its own header")
    if flags & ENCRYPTED:
        raise ArchiveRefusedError(f"{name!r} is encrypted")
    if method != entry.method:
        raise ArchiveRefusedError(f"{name!r} is compressed by another method in its own header")
    end_follows = bool(flags & _SIZES_FOLLOW)
    _compare(entry, (crc, compressed_size, size), end_follows=end_follows)
    data = entry.header_offset + _HEADER.size + len(rest)
    end = data + entry.compressed_size
    if end_follows:
        end += _descriptor_size(file, entry, end)
    return Extent(data, end, end_follows)


def _compare(entry: Entry, found: tuple[int, int, int], *, end_follows: bool) -> None:
    expected = (entry.crc, entry.compressed_size, entry.size)
    for here, there in zip(found, expected, strict=True):
        if here != there and not (end_follows and here == 0):
            raise ArchiveRefusedError(
                f"{entry.name!r} has other sizes or another checksum in its own header"
            )


def _descriptor_size(file: BinaryIO, entry: Entry, at: int) -> int:
    """Return how many bytes the descriptor after the data has, which must say the same."""
    data = _read(file, at, _MAX_DESCRIPTOR_BYTES)
    sizes = (entry.compressed_size, entry.size)
    forms = [struct.pack("<L2Q", entry.crc, *sizes)]
    if max(sizes) <= MAX_32:
        forms.append(struct.pack("<3L", entry.crc, *sizes))
    # No tool says which form it takes. A longer one is not mistaken for a shorter one before the next
    # header, whose signature no size begins with.
    for form in forms:
        for descriptor in (_DESCRIPTOR_SIGNATURE + form, form):
            if data.startswith(descriptor):
                return len(descriptor)
    raise ArchiveRefusedError(f"{entry.name!r} has other sizes or another checksum after its data")


def refuse_inner_ends(name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass on the data of a member that are stored as they are, and whose end follows them.

    A reader that streams takes the first descriptor that fits for their end, so none may be in them.
    Raises ArchiveRefusedError.
    """
    passed, tail, alike = 0, b"", 0
    for chunk in chunks:
        window, start = tail + chunk, passed - len(tail)
        for found in _LIKE_A_DESCRIPTOR.finditer(window):
            size, at = int.from_bytes(found[1] or found[2], "little"), start + found.start()
            alike += 1
            if size in {at, at & MAX_32} or alike > _MAX_ALIKE:
                raise ArchiveRefusedError(f"{name!r} seems to end in its middle")
        passed += len(chunk)
        tail = window[-_MAX_DESCRIPTOR_BYTES:]
        yield chunk


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    return os.pread(file.fileno(), size, at)
