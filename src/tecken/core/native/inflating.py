# SPDX-License-Identifier: MPL-2.0

"""Inflate compressed sections: small ones in memory, large ones into temporary files that are mapped.

Mapped files are not private memory of the process: the debug sections of a large C++ program have
several hundred MB, of which only what is read has to be in memory.
"""

import lzma
import mmap
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Protocol, cast

from isal import igzip_lib

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.tempfiles.spooling import FreeSpace, spooling

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError

ZLIB: Final = 1  # ELFCOMPRESS_ZLIB
ZSTD: Final = 2  # ELFCOMPRESS_ZSTD
# The largest seen is a .debug_info of 1.4 GB; more would fill the folder of temporary files.
MAX_INFLATED_BYTES: Final = 16 * 1024**3
_IN_MEMORY_BYTES = 256 * 1024
_CHUNK_BYTES = 1024 * 1024
_MAX_XZ_BYTES = 64 * 1024 * 1024  # those of Fedora have some 100 KB
_XZ_MEMORY_BYTES = 64 * 1024 * 1024

# What both raise: EOFError when a stream goes on after its end. The library's type hints call its
# class an instance of Exception.
_InflateError = (cast("type[Exception]", igzip_lib.error), ZstdError, EOFError)


class _Decompressor(Protocol):
    """What both are used by: inflates a stream, and keeps what is left of its input."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether it can give nothing more without more input."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Return at most ``max_length`` bytes. Raises InflateError when the stream is damaged."""


def inflated(
    content: Content,
    kind: int,
    size: int,
    folder: Path | None = None,
    free_space: FreeSpace | None = None,
) -> Content:
    """Return the content of a section whose compressed bytes are given.

    ``kind`` is ZLIB or ZSTD, ``size`` what the section announces. In ``folder``, which is of one file, what is
    large is kept by its position, and used again: processes that read the same file share it. Raises
    MalformedNativeFileError when it is damaged or of another size, UnsupportedNativeFileError, and NoRoomError
    when there is no room, or less would stay free than ``free_space`` promises: at once for what is announced.
    """
    name = content.name
    if kind not in {ZLIB, ZSTD}:
        raise UnsupportedNativeFileError(f"{name} is compressed in an unknown way ({kind})")
    if size > MAX_INFLATED_BYTES:
        raise UnsupportedNativeFileError(f"{name} has more than {MAX_INFLATED_BYTES:,} bytes")
    if size <= _IN_MEMORY_BYTES:
        text = b"".join(_chunks(content, kind, size))
        return Content(text, 0, len(text), name)

    def write(file: IO[bytes]) -> None:
        for chunk in _chunks(content, kind, size):
            if free_space is not None:
                free_space.check(len(chunk))
            file.write(chunk)

    key = f"{content.start:x}-{content.size:x}-{size:x}"
    return in_mapped_file(write, name, size, key, folder, free_space)


def in_mapped_file(
    write: Callable[[IO[bytes]], None],
    name: str,
    size: int,
    key: str,
    folder: Path | None,
    free_space: FreeSpace | None,
) -> Content:
    """Return the content of a section, of so many bytes, that has to be written to a file first.

    In ``folder`` it is kept by ``key``, which is not its name: that is whatever the file says where sections name others,
    and may be a path. Raises what ``inflated`` does.
    """
    kept = folder / key if folder else None
    if kept and kept.exists():
        return Content.of_file(kept, name)
    if free_space is not None:
        free_space.check(size)
    with spooling(), tempfile.NamedTemporaryFile(prefix="tecken-section-", dir=folder) as file:
        write(file)
        file.flush()
        if kept:
            with suppress(FileExistsError):  # another process was as fast
                os.link(file.name, kept)
        return Content(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ), 0, size, name)


def unpacked_xz(content: Content) -> Content:
    """Return the content of ``.gnu_debugdata``: a small ELF file with symbols, in an xz stream.

    Raises MalformedNativeFileError when it is damaged, UnsupportedNativeFileError when it is large.
    """
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)
    try:
        text = decompressor.decompress(content.cut(0, content.size), _MAX_XZ_BYTES)
    except (lzma.LZMAError, EOFError) as error:
        raise MalformedNativeFileError(f"{content.name} cannot be inflated: {error}") from error
    if not decompressor.eof:
        raise UnsupportedNativeFileError(
            f"{content.name} is not whole, or has more than {_MAX_XZ_BYTES:,} bytes"
        )
    return Content(text, 0, len(text), content.name)


def _chunks(content: Content, kind: int, size: int) -> Iterator[bytes]:
    """Yield what is inflated, which has ``size`` bytes and no more."""
    made = (
        igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB)
        if kind == ZLIB
        else ZstdDecompressor()
    )
    decompressor = cast(_Decompressor, made)
    left, position = size, 0
    try:
        while left and not decompressor.eof:
            data = b""
            if decompressor.needs_input:
                end = min(position + _CHUNK_BYTES, content.size)
                data, position = content.cut(position, end), end
                if not data:
                    break
            chunk = decompressor.decompress(data, min(left, _CHUNK_BYTES))
            left -= len(chunk)
            yield chunk
    except _InflateError as error:
        raise MalformedNativeFileError(f"{content.name} cannot be inflated: {error}") from error
    if left:
        raise MalformedNativeFileError(f"{content.name} inflates to less than it announces")
