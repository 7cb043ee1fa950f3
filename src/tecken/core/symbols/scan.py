# SPDX-License-Identifier: MPL-2.0

"""Stream a symbol file that is not seekable: index it, and make it seekable where that is needed."""

from collections.abc import Callable, Iterator
from functools import partial
from gzip import BadGzipFile
from io import RawIOBase
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.deflate import InflateError, open_gzip
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.seekable import PlainIndexer, SeekableWriter

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK_BYTES = 256 * 1024  # read at a time
_TEXT_BYTES = 1024 * 1024  # inflated at a time
_GZIP_MAGIC = b"\x1f\x8b"


class Readable(Protocol):
    """Anything that gives bytes in chunks; b"" at the end."""

    def read(self, size: int, /) -> bytes: ...


Write = Callable[[bytes], object]


def index_stream(stream: Readable, write: Write, *, object_id: str) -> SymbolIndex:
    """Index a symbol file while it streams past, in constant memory.

    Plain text gives an index of the text as it is (``encoding`` is ``"identity"``). Compressed with
    gzip, as its first bytes tell, a seekable copy goes out through ``write`` and the index is the
    copy's. Raises MalformedSymbolFileError when it cannot be decompressed.
    """
    is_gzip, texts = _texts_of(stream)
    plain = PlainIndexer(object_id=object_id)
    indexer = SeekableWriter(write, object_id=object_id) if is_gzip else plain
    for text in texts:
        indexer.feed(text)
    return indexer.finish()


def index_as_text(stream: Readable, write: Write, *, object_id: str) -> SymbolIndex:
    """Index a symbol file as ``index_stream`` does, in less than half the time.

    What goes out through ``write`` is not a seekable copy but the text, and the index is that of the
    text.
    """
    is_gzip, texts = _texts_of(stream)
    indexer = PlainIndexer(object_id=object_id)
    for text in texts:
        if is_gzip:
            write(text)
        indexer.feed(text)
    return indexer.finish()


def _texts_of(stream: Readable) -> tuple[bool, Iterator[bytes]]:
    """Say whether a stream is compressed with gzip, and return its text in chunks."""
    first = stream.read(_CHUNK_BYTES)
    while 0 < len(first) < len(_GZIP_MAGIC) and (more := stream.read(_CHUNK_BYTES)):
        first += more
    if first.startswith(_GZIP_MAGIC):
        return True, gunzip(stream, first)
    return False, chain([first], iter(partial(stream.read, _CHUNK_BYTES), b""))


def gunzip(stream: Readable, first: bytes = b"", chunk_bytes: int = _TEXT_BYTES) -> Iterator[bytes]:
    """Yield the text of a gzip stream (of one or more members) in chunks of at most 1 MiB.

    ``first`` is what was read of it already. Zeros after the last member are padding.
    Raises MalformedSymbolFileError when it is damaged or ends too early.
    """
    # Inflates a whole chunk without the interpreter; zlib's interface asks for it to grow each.
    file = open_gzip(fileobj=_Rest(stream, first), mode="rb")
    try:
        while text := file.read1(chunk_bytes):  # at once, where read() asks several times
            yield text
    except EOFError as error:
        raise MalformedSymbolFileError("the gzip data ends too early") from error
    except (BadGzipFile, InflateError) as error:
        raise MalformedSymbolFileError(f"damaged gzip data: {error}") from error


class _Rest(RawIOBase):
    """A stream of which a part was read already, as a file."""

    def __init__(self, stream: Readable, first: bytes) -> None:
        self._stream = stream
        self._first = first

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        room = memoryview(buffer).cast("B")
        chunk = self._first[: len(room)] or self._stream.read(min(len(room), _CHUNK_BYTES))
        self._first = self._first[len(chunk) :]
        room[: len(chunk)] = chunk
        return len(chunk)
