# SPDX-License-Identifier: MPL-2.0

"""Read what may be gzip: files to upload, bodies of downloads."""

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from tecken.client.errors import ClientError

CHUNK_BYTES = 1024 * 1024
MAGIC = b"\x1f\x8b"


class DamagedGzipError(ClientError):
    """What claims to be gzip ends too early or cannot be inflated."""


class ChunkReader(io.RawIOBase):
    """Makes a file of an iterator over chunks of bytes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def iter_inflated(source: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of ``source``, inflated: gzip of any number of members, checked to its end.

    Raises DamagedGzipError.
    """
    try:
        with gzip.GzipFile(fileobj=source, mode="rb") as inflated:
            while chunk := inflated.read(CHUNK_BYTES):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedGzipError(f"damaged gzip: {error}") from error


def iter_plain(source: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of ``source`` as they are."""
    while chunk := source.read(CHUNK_BYTES):
        yield chunk
