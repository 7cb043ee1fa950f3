# SPDX-License-Identifier: MPL-2.0

"""An archive in a file, whose members are inflated chunk by chunk.

The standard library's ``zipfile`` is not used: it reads a directory of any size into memory, and
inflates with zlib, several times slower than ISA-L.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from isal import igzip_lib, isal_zlib

from tecken.core.archives.directory import (
    STORED,
    ArchiveLimits,
    ArchiveMember,
    read_directory,
)
from tecken.core.archives.local_headers import refuse_inner_ends
from tecken.core.errors import ArchiveRefusedError
from tecken.core.symbols.deflate import InflateError

_READ_BYTES = 128 * 1024
_INFLATED_BYTES = 512 * 1024  # the most that one step gives, whatever the archive claims


class Archive:
    """A zip whose directory was read and found acceptable; see ``open_archive``."""

    def __init__(self, file: BinaryIO, members: tuple[ArchiveMember, ...]) -> None:
        self.members = members
        self.file = file

    def stream(self, member: ArchiveMember) -> Iterator[bytes]:
        """Yield the bytes of a member; several may be streamed at once, from several threads.

        Raises ArchiveRefusedError, at the latest after the last chunk, when the member is damaged
        or its size or checksum is not the claimed one.
        """
        left = member.size
        crc = 0
        for chunk in self._chunks(member):
            left -= len(chunk)
            if left < 0:
                raise ArchiveRefusedError(f"{member.name!r} is larger than it claims to be")
            crc = isal_zlib.crc32(chunk, crc)
            yield chunk
        if left or crc != member.crc:
            raise ArchiveRefusedError(f"{member.name!r} is damaged: wrong size or checksum")

    def beginning(self, member: ArchiveMember, size: int) -> bytes:
        """Return the first bytes of a member, fewer where it has or gives no more: nothing is checked."""
        found = b""
        with suppress(ArchiveRefusedError):
            for chunk in self._chunks(member, size):
                found += chunk
                if len(found) >= size:
                    break
        return found[:size]

    def _chunks(self, member: ArchiveMember, most_bytes: int = _INFLATED_BYTES) -> Iterator[bytes]:
        if member.method != STORED:
            return self._inflated(member, most_bytes)
        stored = self._stored(member)
        return refuse_inner_ends(member.name, stored) if member.end_follows else stored

    def _inflated(self, member: ArchiveMember, most_bytes: int) -> Iterator[bytes]:
        inflater = igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_DEFLATE)
        stored = self._stored(member)
        while not inflater.eof:
            data = next(stored, b"") if inflater.needs_input else b""
            if inflater.needs_input and not data:
                return  # cut off: the size or the checksum tells
            try:
                chunk = inflater.decompress(data, most_bytes)
            except InflateError as error:
                raise ArchiveRefusedError(f"{member.name!r} is damaged: {error}") from error
            if chunk:
                yield chunk
        # A reader that streams would go on with what follows as if that were the next member.
        if inflater.unused_data or next(stored, b""):
            raise ArchiveRefusedError(f"{member.name!r} is damaged: its data end too early")

    def _stored(self, member: ArchiveMember) -> Iterator[bytes]:
        """Yield the bytes of a member as they are in the archive."""
        at = member.data_offset
        end = at + member.compressed_size
        while at < end:
            data = os.pread(self.file.fileno(), min(_READ_BYTES, end - at), at)
            if not data:
                return
            at += len(data)
            yield data


def open_archive(file: BinaryIO, limits: ArchiveLimits) -> Archive:
    """Read the directory of a zip; no member is read yet. The file stays the caller's to close.

    It must be a file of the system, with all that was written to it.

    Raises ArchiveRefusedError and LimitExceededError; see ``read_directory``.
    """
    return Archive(file, read_directory(file, limits))
