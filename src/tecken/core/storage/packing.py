# SPDX-License-Identifier: MPL-2.0

"""A symbol file as it will be stored, made before it is known whether it may be."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from tecken.core.symbols.index_file import save_index
from tecken.core.symbols.seekable import SeekableWriter
from tecken.core.tempfiles.spooling import PutAside, Scratch


@dataclass(frozen=True, slots=True)
class PackedFile:
    """Seekable gzip and its index, which share ``object_id``; both wait in a scratch file."""

    object_id: str
    stored: PutAside
    index: PutAside

    @property
    def size(self) -> int:
        """How many bytes both have."""
        return self.stored.size + self.index.size


def pack(chunks: Iterable[bytes], scratch: Scratch) -> PackedFile:
    """Index and compress a symbol file, in constant memory.

    Raises NoRoomError, StorageUnavailableError; errors of ``chunks`` pass through.
    """
    packed = PackedFile(secrets.token_hex(16), PutAside(scratch), PutAside(scratch))
    seekable = SeekableWriter(packed.stored.write, object_id=packed.object_id)
    for chunk in chunks:
        seekable.feed(chunk)
    packed.index.write(save_index(seekable.finish()))
    packed.stored.finish()
    packed.index.finish()
    return packed
