# SPDX-License-Identifier: MPL-2.0

"""The bytes of a file that a bucket has, wherever that is and however it is compressed."""

from collections.abc import Iterator

from tecken.core.http_headers import ByteRange
from tecken.core.locating.locator import Found
from tecken.core.symbols.scan import gunzip

# Of a far bucket: as much is in memory for a client that does not read, and a question brings as much. No connection is
# held for clients that read slowly.
_FAR_CHUNK_BYTES = 512 * 1024
_CHUNK_BYTES = 64 * 1024


class UnknownSizeError(Exception):
    """Of a file that somebody else compressed nobody knows how long it is."""


class ObjectBytes:
    """One version of a file. Reading raises StorageError; ObjectChangedError when there is another one by now."""

    def __init__(self, found: Found) -> None:
        """Raises UnknownSizeError."""
        self._bucket, self._info = found.source.bucket, found.info
        self.is_far = found.source.remote
        self.is_compressed = found.info.content.content_encoding == "gzip"
        self.size = self._text_size() if self.is_compressed else found.info.size

    def _text_size(self) -> int:
        size = self._info.content.metadata.get("original_size", "")
        if not size.isascii() or not size.isdigit():
            raise UnknownSizeError(self._info.key)
        return int(size)

    def read(self, start: int, end: int) -> bytes:
        """Return a range, whose size the caller has looked at. Of compressed bytes all before it is read, too."""
        return b"".join(self.chunks(ByteRange(start, end)))

    def chunks(self, part: ByteRange) -> Iterator[bytes]:
        """Yield a range, little by little."""
        if self.is_compressed:
            yield from cut_out(self._inflated(), part)
        elif self.is_far:
            yield from self._far(part)
        else:
            yield from self._near(part)

    def _near(self, part: ByteRange) -> Iterator[bytes]:
        key, etag = self._info.key, self._info.etag
        with self._bucket.open_range(key, part.start, part.end, if_match=etag) as reader:
            while data := reader.read(_CHUNK_BYTES):
                yield data

    def _far(self, part: ByteRange) -> Iterator[bytes]:
        for start in range(part.start, part.end, _FAR_CHUNK_BYTES):
            end = min(start + _FAR_CHUNK_BYTES, part.end)
            yield from self._bucket.read_ranges(
                self._info.key, [(start, end)], if_match=self._info.etag
            )

    def _inflated(self) -> Iterator[bytes]:
        with self._bucket.open(self._info.key, if_match=self._info.etag) as reader:
            yield from gunzip(reader, chunk_bytes=_CHUNK_BYTES)


def cut_out(chunks: Iterator[bytes], part: ByteRange) -> Iterator[bytes]:
    """Yield only a range of what some chunks are together."""
    position = 0
    for chunk in chunks:
        start, end = max(0, part.start - position), part.end - position
        position += len(chunk)
        if start < len(chunk) and end > 0:
            yield chunk[start:end]
        if position >= part.end:
            return
