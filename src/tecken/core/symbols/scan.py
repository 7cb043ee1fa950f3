# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Stream a symbol file that is not seekable: index it, and make it seekable where that is needed."""

from collections.abc import Callable, Iterator
from typing import Protocol

from isal import isal_zlib

from tecken.core.deflate import InflateError
from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.seekable import PlainIndexer, SeekableWriter

_CHUNK_BYTES = 256 * 1024  # read at a time
_TEXT_BYTES = 1024 * 1024  # inflated at a time
_GZIP_MAGIC = b"\x1f\x8b"


class Readable(Protocol):
    """Anything that gives bytes in pieces; b"" at the end."""

    def read(self, size: int, /) -> bytes: ...


def index_stream(
    stream: Readable, write: Callable[[bytes], object], *, object_id: str
) -> SymbolIndex:
    """Index a symbol file while it streams past, in constant memory.

    Plain text gives an index of the text as it is (``encoding`` is ``"identity"``). Compressed with
    gzip, as its first bytes tell, a seekable copy goes out through ``write`` and the index is the
    copy's. Raises MalformedSymbolFileError when it cannot be decompressed.
    """
    first = stream.read(_CHUNK_BYTES)
    while 0 < len(first) < len(_GZIP_MAGIC) and (more := stream.read(_CHUNK_BYTES)):
        first += more
    if not first.startswith(_GZIP_MAGIC):
        indexer = PlainIndexer(object_id=object_id)
        while first:
            indexer.feed(first)
            first = stream.read(_CHUNK_BYTES)
        return indexer.finish()
    writer = SeekableWriter(write, object_id=object_id)
    for text in gunzip(stream, first):
        writer.feed(text)
    return writer.finish()


def gunzip(stream: Readable, first: bytes = b"") -> Iterator[bytes]:
    """Yield the text of a gzip stream (of one or more members) in pieces of at most 1 MiB.

    ``first`` is what was read of it already. Zeros after the last member are padding.
    Raises MalformedSymbolFileError when it is damaged or ends too early.
    """
    pending = first or stream.read(_CHUNK_BYTES)
    while pending:
        inflater = isal_zlib.decompressobj(31)
        while not inflater.eof:
            try:
                text = inflater.decompress(pending, _TEXT_BYTES)
            except InflateError as trouble:
                raise MalformedSymbolFileError(f"damaged gzip data: {trouble}") from trouble
            if text:
                yield text
            pending = inflater.unconsumed_tail
            if not pending and not inflater.eof:
                pending = stream.read(_CHUNK_BYTES)
                if not pending and not text:
                    raise MalformedSymbolFileError("the gzip data ends too early")
        pending = inflater.unused_data or stream.read(_CHUNK_BYTES)
        pending = pending.lstrip(b"\x00")
