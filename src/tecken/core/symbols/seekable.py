# SPDX-License-Identifier: MPL-2.0

"""The seekable form of a symbol file: one ordinary gzip member that can be entered at every block.

Each block of text ends in a full flush, which byte-aligns the stream and forgets the window. Every
client reads the object as usual; with the index (block offsets) inflation starts at any block.

Source: RFC 1951 and 1952; zlib manual, Z_FULL_FLUSH.
"""

from array import array
from collections.abc import Callable, Iterable
from dataclasses import replace

from isal import isal_zlib

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.symbols.blocks import Block, BlockCutter
from tecken.core.symbols.deflate import InflateError
from tecken.core.symbols.index import Encoding, IndexBuilder, SymbolIndex, make_block_table
from tecken.core.symbols.records import SymbolFileHead, parse_head

# ID1 ID2, deflate, no flags, no time (the same text gives the same object), unknown system.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_COMPRESSION_LEVEL = 2  # ISA-L: 700 MB/s at nearly zlib's ratio; level 3 is half as fast for 6 %


class PlainIndexer:
    """Text in, and the index of it as it is stored: here as plain text, without writing anything.

    ``object_id`` is a name that the object and its index share, and nothing else has.
    """

    encoding: Encoding = "identity"
    first_offset = 0

    def __init__(self, *, object_id: str) -> None:
        self._object_id = object_id
        self._cutter = BlockCutter()
        self._builder = IndexBuilder()
        self._head = SymbolFileHead(None, None, None, None)

    def feed(self, text: bytes) -> None:
        """Take the next chunk of the text; chunks of 256 KiB to 1 MiB are the fastest."""
        for block in self._cutter.feed(text):
            self._add(block)

    def finish(self) -> SymbolIndex:
        """Take what is left, and return the index."""
        for block in self._cutter.finish():
            self._add(block)
        return self._builder.build(
            object_id=self._object_id,
            head=self._head,
            encoding=self.encoding,
            first_offset=self.first_offset,
            object_size=self._end(),
        )

    def _add(self, block: Block) -> None:
        self._note(block, len(block.text))

    def _note(self, block: Block, stored_size: int) -> int:
        """Add a block to the index; return the CRC-32 of its text."""
        if not self._builder.text_size:
            self._head = parse_head(block.text)
        return self._builder.add(block, stored_size)

    def _end(self) -> int:
        """Return how many bytes the object has."""
        return self._builder.text_size


class SeekableWriter(PlainIndexer):
    """Text in, seekable gzip out through ``write``, and the index built on the way."""

    encoding = "gzip"
    first_offset = len(_GZIP_HEADER)

    def __init__(self, write: Callable[[bytes], object], *, object_id: str) -> None:
        super().__init__(object_id=object_id)
        self._write = write
        self._compressor = isal_zlib.compressobj(_COMPRESSION_LEVEL, isal_zlib.DEFLATED, -15)
        self._checksum = 0
        self._size = 0
        self._put(_GZIP_HEADER)

    def _add(self, block: Block) -> None:
        stored = self._compressor.compress(block.text)
        stored += self._compressor.flush(isal_zlib.Z_FULL_FLUSH)
        self._put(stored)
        checksum = self._note(block, len(stored))
        self._checksum = isal_zlib.crc32_combine(self._checksum, checksum, len(block.text))

    def _end(self) -> int:
        trailer = _trailer(self._checksum, self._builder.text_size)
        self._put(self._compressor.flush(isal_zlib.Z_FINISH) + trailer)
        return self._size

    def _put(self, stored: bytes) -> None:
        self._size += len(stored)
        self._write(stored)


def compress_text(
    index: SymbolIndex, texts: Iterable[bytes], write: Callable[[bytes], object], *, object_id: str
) -> SymbolIndex:
    """Write the seekable form of a text that was indexed, and return that form's index.

    ``texts`` are the blocks that ``index`` has. What comes out is what SeekableWriter would have
    written; the records are not looked for again.
    """
    table = index.table
    compressor = isal_zlib.compressobj(_COMPRESSION_LEVEL, isal_zlib.DEFLATED, -15)
    sizes, checksum = array("I"), 0
    write(_GZIP_HEADER)
    for text, text_size, of_block in zip(texts, table.text_sizes, table.checksums, strict=True):
        if isal_zlib.crc32(text) != of_block:
            raise MalformedSymbolFileError("a block does not match its checksum")
        stored = compressor.compress(text) + compressor.flush(isal_zlib.Z_FULL_FLUSH)
        write(stored)
        sizes.append(len(stored))
        checksum = isal_zlib.crc32_combine(checksum, of_block, text_size)
    end = compressor.flush(isal_zlib.Z_FINISH) + _trailer(checksum, index.text_size)
    write(end)
    return replace(
        index,
        object_id=object_id,
        encoding="gzip",
        object_size=len(_GZIP_HEADER) + sum(sizes) + len(end),
        table=make_block_table(
            sizes, table.text_sizes, table.checksums, table.continues, len(_GZIP_HEADER)
        ),
    )


def _trailer(checksum: int, text_size: int) -> bytes:
    return checksum.to_bytes(4, "little") + (text_size & 0xFFFFFFFF).to_bytes(4, "little")


def inflate_block(stored: bytes, text_size: int) -> bytes:
    """Inflate one block that was read from a seekable object; ``text_size`` is what it must give.

    Raises MalformedSymbolFileError when it gives anything else.
    """
    try:
        text: bytes = isal_zlib.decompressobj(-15).decompress(stored, text_size + 1)
    except InflateError as failure:
        raise MalformedSymbolFileError(f"a block cannot be inflated: {failure}") from failure
    if len(text) != text_size:
        raise MalformedSymbolFileError("a block has another size than the index says")
    return text
