# SPDX-License-Identifier: MPL-2.0

"""The chunks of a request: inflated and checked while they arrive, into one temporary file.

Each is a part of a form, ``file`` or ``file_gzip``, whose file name is the SHA-1 of its bytes.
"""

import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from multipart import MultipartSegment

from tecken.core.errors import InvalidRequestError, LimitExceededError
from tecken.core.tempfiles.held_files import hold_new_file
from tecken.core.tempfiles.spooling import spooling
from tecken.upload.chunked.protocol import (
    CHUNK_BYTES,
    CHUNKS_PER_REQUEST,
    REQUEST_BYTES,
    is_sha1,
)
from tecken.upload.form import multipart_parser, refusing_unreadable
from tecken.upload.scratch import free_space
from tecken.upload.spool import FORM_BYTES, spool_folder

_GZIP_WINDOW = 31  # of zlib: the largest, with the wrapping of gzip
_NAMES = ("file", "file_gzip")
# Gzip of random bytes is a little larger than they are.
MAX_BODY_BYTES = REQUEST_BYTES + REQUEST_BYTES // 1000 + FORM_BYTES


@dataclass(frozen=True, slots=True)
class ArrivedChunk:
    """A chunk that is what its name says; it lies at ``offset`` of the temporary file."""

    sha1: str
    offset: int
    size: int


class ArrivingChunks:
    """A sink for the body of a request that brings chunks."""

    def __init__(self, boundary: str, request_id: str) -> None:
        self.chunks: list[ArrivedChunk] = []
        self._parser = multipart_parser(boundary)
        self._part: MultipartSegment | None = None
        self._chunk: _Chunk | None = None
        self._size = 0
        self._opened = ExitStack()
        self._free_space = free_space()
        self._file: BinaryIO
        with spooling():
            spool_folder().mkdir(parents=True, exist_ok=True)
            held = hold_new_file(spool_folder(), request_id, "chunks")
            self._file = self._opened.enter_context(held)

    def write(self, data: bytes) -> None:
        """Take some bytes. Raises InvalidRequestError, LimitExceededError, NoRoomError."""
        with refusing_unreadable():
            for event in self._parser.parse(data):
                self._take(event)

    def finish(self) -> None:
        """Note the end. Raises InvalidRequestError for a form that is cut off, or has no chunk."""
        with refusing_unreadable():
            self._parser.close()
        if not self.chunks:
            raise InvalidRequestError("Must be multipart form data with at least one chunk")
        with spooling():
            self._file.flush()

    def discard(self) -> None:
        """Remove the temporary file."""
        self._opened.close()

    close = discard

    def read(self, chunk: ArrivedChunk) -> bytes:
        """Return the bytes of a chunk."""
        return os.pread(self._file.fileno(), chunk.size, chunk.offset)

    def _take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._chunk = self._new_chunk(event)
        elif event is not None and self._chunk is not None:
            for data in self._chunk.inflated(bytes(event)):
                self._put(data)
        elif self._chunk is not None:
            size = self._chunk.checked_size()
            self.chunks.append(ArrivedChunk(self._chunk.sha1, self._size - size, size))
            self._chunk = None

    def _new_chunk(self, part: MultipartSegment) -> "_Chunk":
        if len(self.chunks) == CHUNKS_PER_REQUEST:
            raise LimitExceededError(f"A request may have {CHUNKS_PER_REQUEST} chunks")
        if part.name not in _NAMES:
            raise InvalidRequestError(
                f"The part {part.name!r:.60} of the form is neither file nor file_gzip"
            )
        name = part.filename or ""
        if not is_sha1(name):
            raise InvalidRequestError(
                f"The file name of a chunk must be its SHA-1, not {name!r:.60}"
            )
        return _Chunk(name, is_compressed=part.name == "file_gzip")

    def _put(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > REQUEST_BYTES:
            raise LimitExceededError(f"The chunks of a request may have {REQUEST_BYTES} bytes")
        for portion in self._free_space.portions(data):
            with spooling():
                self._file.write(portion)


class _Chunk:
    """One that arrives."""

    def __init__(self, sha1: str, *, is_compressed: bool) -> None:
        self.sha1 = sha1
        self._size = 0
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._inflater = zlib.decompressobj(_GZIP_WINDOW) if is_compressed else None

    def inflated(self, data: bytes) -> Iterator[bytes]:
        """Yield what some bytes are. Raises InvalidRequestError, LimitExceededError."""
        if self._inflater is None:
            yield self._counted(data)
            return
        while data:
            if self._inflater.eof:
                raise self._damaged("something follows its end")
            try:
                inflated = self._inflater.decompress(data, CHUNK_BYTES + 1)
            except zlib.error as error:
                raise self._damaged(str(error)) from error
            data = self._inflater.unconsumed_tail or self._inflater.unused_data
            yield self._counted(inflated)

    def checked_size(self) -> int:
        """Return its size. Raises InvalidRequestError for one that is not what its name says."""
        if self._inflater is not None and not self._inflater.eof:
            raise self._damaged("it ends too early")
        if self._digest.hexdigest() != self.sha1:
            raise InvalidRequestError(
                f"The chunk {self.sha1} has another content: its SHA-1 is {self._digest.hexdigest()}"
            )
        return self._size

    def _counted(self, data: bytes) -> bytes:
        self._size += len(data)
        if self._size > CHUNK_BYTES:
            raise LimitExceededError(
                f"The chunk {self.sha1} is too large: at most {CHUNK_BYTES} bytes are allowed"
            )
        self._digest.update(data)
        return data

    def _damaged(self, reason: str) -> InvalidRequestError:
        return InvalidRequestError(f"The chunk {self.sha1} is damaged gzip: {reason}")
