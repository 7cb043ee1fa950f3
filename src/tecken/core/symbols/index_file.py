# SPDX-License-Identifier: MPL-2.0

"""The stored form of a symbol index.

``TKNIDX`` and the version (2 digits), the length of the header (u32), the header (JSON: all that is
not an array, and the arrays' lengths), the arrays one after the other, and the CRC-32 of all that
(u32). All integers are little-endian. An index that is damaged or of another version is refused;
it is then built again from its object. So is one that skipped records which are read since.
"""

import sys
from array import array
from struct import Struct, error
from typing import Final

import msgspec
from isal import isal_zlib

from tecken.core.errors import SymbolFileError
from tecken.core.symbols.index import Encoding, RunMap, SymbolIndex, make_block_table
from tecken.core.symbols.records import SymbolFileHead

MAGIC: Final = b"TKNIDX01"
_U32 = Struct("<I")
# Which records could be read when an index was built: 1 until 0.9, 2 also addresses with ``0x``.
_READS: Final = 2


class UnusableIndexError(SymbolFileError):
    """A stored index that is damaged or of another version."""


class _Header(msgspec.Struct):
    object_id: str
    object_size: int
    encoding: Encoding
    text_size: int
    head: SymbolFileHead
    unreadable_records: int
    unsupported: str | None
    first_offset: int
    blocks: int
    symbols: int
    files: int
    origins: int
    malformed: str | None = None
    reads: int = 1


_HEADER = msgspec.json.Decoder(_Header)


def save_index(index: SymbolIndex) -> bytes:
    """Return the stored form of an index."""
    table = index.table
    header = msgspec.json.encode(
        _Header(
            index.object_id,
            index.object_size,
            index.encoding,
            index.text_size,
            index.head,
            index.unreadable_records,
            index.unsupported,
            table.offsets[0],
            len(table),
            len(index.symbols.keys),
            len(index.files.keys),
            len(index.origins.keys),
            index.malformed,
            _READS,
        )
    )
    parts = [MAGIC, _U32.pack(len(header)), header]
    parts += [_to_bytes(numbers) for numbers in (table.sizes, table.text_sizes, table.checksums)]
    parts.append(bytes(table.continues))
    for runs in (index.symbols, index.files, index.origins):
        parts += [_to_bytes(runs.keys), _to_bytes(runs.blocks)]
    stored = b"".join(parts)
    return stored + _U32.pack(isal_zlib.crc32(stored))


def open_index(stored: bytes) -> SymbolIndex:
    """Read the stored form back. Raises UnusableIndexError."""
    if not stored.startswith(MAGIC):
        raise UnusableIndexError("not a symbol index of this version")
    if isal_zlib.crc32(stored[:-4]) != int.from_bytes(stored[-4:], "little"):
        raise UnusableIndexError("the symbol index is damaged")
    try:
        return _read(stored)
    except (msgspec.MsgspecError, error, ValueError) as failure:
        raise UnusableIndexError(f"the symbol index cannot be read: {failure}") from failure


def _read(stored: bytes) -> SymbolIndex:
    start = len(MAGIC) + _U32.size
    end = start + _U32.unpack_from(stored, len(MAGIC))[0]
    header = _HEADER.decode(stored[start:end])
    if header.unreadable_records and header.reads < _READS:
        raise UnusableIndexError("the symbol index skipped records that are read since")
    reader = _ArrayReader(stored, end)
    sizes, text_sizes, checksums = (reader.take("I", header.blocks) for _ in range(3))
    continues = bytearray(reader.take("B", header.blocks))
    symbols, files, origins = (
        RunMap(reader.take("Q", count), reader.take("I", count))
        for count in (header.symbols, header.files, header.origins)
    )
    return SymbolIndex(
        object_id=header.object_id,
        object_size=header.object_size,
        encoding=header.encoding,
        text_size=header.text_size,
        head=header.head,
        unreadable_records=header.unreadable_records,
        unsupported=header.unsupported,
        table=make_block_table(sizes, text_sizes, checksums, continues, header.first_offset),
        symbols=symbols,
        files=files,
        origins=origins,
        malformed=header.malformed,
    )


class _ArrayReader:
    def __init__(self, stored: bytes, offset: int) -> None:
        self._stored = stored
        self._offset = offset

    def take(self, typecode: str, count: int) -> "array[int]":
        numbers = array(typecode)
        end = self._offset + count * numbers.itemsize
        if end > len(self._stored) - _U32.size:
            raise ValueError("shorter than its header says")
        numbers.frombytes(self._stored[self._offset : end])
        if sys.byteorder == "big":
            numbers.byteswap()
        self._offset = end
        return numbers


def _to_bytes(numbers: "array[int]") -> bytes:
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers.tobytes()
