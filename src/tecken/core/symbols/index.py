# SPDX-License-Identifier: MPL-2.0

"""The symbol index: what finds a function of a symbol file without reading the rest.

It is sparse. For symbols it has, sorted by address, one entry per *run*: symbols that follow each
other in the order of addresses and lie in the same block. The symbol of an address is then always
in the block of the last run that starts at or below it, and reading that block settles which one.
FILE and INLINE_ORIGIN numbers are found in the same way. For each block it has the sizes of the
text and of the stored bytes and the CRC-32 of the text, so that every block read is verified.

An index belongs to one object: both name the same random ``object_id``.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain
from typing import Literal

from isal import isal_zlib

from tecken.core.symbols.blocks import Block
from tecken.core.symbols.records import INDEXED_RECORD, MAX_NUMBER, SymbolFileHead

# 4 times the largest symbol file known to us (a browser with 0.7 million FUNC records); sorting so
# many needs some 130 MB for a moment.
MAX_INDEXED_RECORDS = 3_000_000

Encoding = Literal["identity", "gzip"]


@dataclass(frozen=True, slots=True)
class RunMap:
    """Numbers to blocks: ``keys`` ascending (u64), and the block (u32) of each run."""

    keys: "array[int]"
    blocks: "array[int]"

    def run_of(self, number: int) -> int:
        """Return the position of the last run that starts at or below ``number``, or -1."""
        return bisect_right(self.keys, number) - 1


@dataclass(frozen=True, slots=True)
class BlockTable:
    """Where each block lies. ``offsets`` and ``sizes`` in bytes as stored, ``text_sizes`` inflated.

    ``continues[n]`` is 1 when block ``n`` does not begin with a record of its own.
    """

    sizes: "array[int]"
    text_sizes: "array[int]"
    checksums: "array[int]"
    continues: bytearray
    offsets: list[int]

    def __len__(self) -> int:
        return len(self.sizes)


@dataclass(frozen=True, slots=True)
class SymbolIndex:
    """The index of one object. ``object_size`` is in bytes as stored, ``text_size`` inflated.

    ``unsupported`` and ``malformed`` say why there are no entries; ``unreadable_records`` counts the
    FUNC, PUBLIC, FILE and INLINE_ORIGIN records that were skipped.
    """

    object_id: str
    object_size: int
    encoding: Encoding
    text_size: int
    head: SymbolFileHead
    unreadable_records: int
    unsupported: str | None
    table: BlockTable
    symbols: RunMap
    files: RunMap
    origins: RunMap
    malformed: str | None = None

    @property
    def memory_bytes(self) -> int:
        """About what the opened index takes in memory."""
        entries = len(self.symbols.keys) + len(self.files.keys) + len(self.origins.keys)
        return 12 * entries + 50 * len(self.table)


def malformed_index(object_id: str, object_size: int, reason: str) -> SymbolIndex:
    """Return the index of an object that cannot be read: who has it need not try again."""
    index = IndexBuilder().build(
        object_id=object_id,
        head=SymbolFileHead(None, None, None, None),
        encoding="identity",
        first_offset=0,
        object_size=object_size,
    )
    return replace(index, malformed=reason)


@dataclass(slots=True)
class IndexBuilder:
    """Notes what each block holds, in the order of the file; ``build`` makes the index.

    Symbols are kept as one integer each, ``address << 33 | is_public << 32 | block``, so that
    sorting puts them in order of address with FUNC before PUBLIC and earlier before later.
    """

    _symbols: list[int] = field(default_factory=list)
    _files: list[int] = field(default_factory=list)
    _origins: list[int] = field(default_factory=list)
    _sizes: "array[int]" = field(default_factory=lambda: array("I"))
    _text_sizes: "array[int]" = field(default_factory=lambda: array("I"))
    _checksums: "array[int]" = field(default_factory=lambda: array("I"))
    _continues: bytearray = field(default_factory=bytearray)
    _unreadable: int = 0
    _unsupported: str | None = None
    text_size: int = 0

    def add(self, block: Block, stored_size: int) -> int:
        """Note the next block, which takes ``stored_size`` bytes; return the CRC-32 of its text."""
        text = block.text
        checksum = isal_zlib.crc32(text)
        if self._unsupported is None:
            self._note_records(text if len(self._sizes) else b"\n" + text, len(self._sizes))
        self._sizes.append(stored_size)
        self._text_sizes.append(len(text))
        self._checksums.append(checksum)
        self._continues.append(block.continues)
        self.text_size += len(text)
        return checksum

    def _note_records(self, text: bytes, block: int) -> None:
        found = INDEXED_RECORD.findall(text)
        if not found:
            return
        public = 1 << 32 | block
        functions = [int(func, 16) << 33 | block for func, _, _, _ in found if func]
        publics = [int(addr, 16) << 33 | public for _, addr, _, _ in found if addr]
        files = _numbers([number for _, _, number, _ in found if number], block)
        origins = _numbers([number for _, _, _, number in found if number], block)
        self._symbols += functions
        self._symbols += publics
        self._files += files
        self._origins += origins
        self._unreadable += len(found) - sum(map(len, (functions, publics, files, origins)))
        if len(self._symbols) + len(self._files) + len(self._origins) > MAX_INDEXED_RECORDS:
            self._unsupported = f"more than {MAX_INDEXED_RECORDS:,} symbols and names"
            self._symbols, self._files, self._origins = [], [], []

    def build(
        self,
        *,
        object_id: str,
        head: SymbolFileHead,
        encoding: Encoding,
        first_offset: int,
        object_size: int,
    ) -> SymbolIndex:
        """Make the index; ``first_offset`` is where the first block begins in the object."""
        return SymbolIndex(
            object_id=object_id,
            object_size=object_size,
            encoding=encoding,
            text_size=self.text_size,
            head=head,
            unreadable_records=self._unreadable,
            unsupported=self._unsupported,
            table=make_block_table(
                self._sizes, self._text_sizes, self._checksums, self._continues, first_offset
            ),
            symbols=_symbol_runs(self._symbols),
            files=_number_runs(self._files),
            origins=_number_runs(self._origins),
        )


def _numbers(numbers: list[bytes], block: int) -> list[int]:
    """Return entries for the FILE or INLINE_ORIGIN numbers of a block that are not too large."""
    values = map(int, numbers)
    return [value << 32 | block for value in values if value <= MAX_NUMBER]


def make_block_table(
    sizes: "array[int]",
    text_sizes: "array[int]",
    checksums: "array[int]",
    continues: bytearray,
    first_offset: int,
) -> BlockTable:
    """Build the table from what is stored of it."""
    offsets = list(accumulate(sizes, initial=first_offset))
    return BlockTable(sizes, text_sizes, checksums, continues, offsets)


def _symbol_runs(symbols: list[int]) -> RunMap:
    """Of symbols at the same address only the first counts: FUNC beats PUBLIC, earlier beats later."""
    symbols.sort()
    return _runs((symbol >> 33, symbol & MAX_NUMBER) for symbol in symbols)


def _number_runs(numbers: list[int]) -> RunMap:
    """Of a FILE or INLINE_ORIGIN number that is defined more than once the last definition counts."""
    numbers.sort()
    following = chain(numbers[1:], (-1,))  # one too many when there are no numbers
    last = (a for a, b in zip(numbers, following, strict=False) if a >> 32 != b >> 32)
    return _runs((number >> 32, number & MAX_NUMBER) for number in last)


def _runs(entries: Iterable[tuple[int, int]]) -> RunMap:
    keys, blocks = array("Q"), array("I")
    previous_key = previous_block = -1
    for key, block in entries:
        if key != previous_key and block != previous_block:
            keys.append(key)
            blocks.append(block)
            previous_block = block
        previous_key = key
    return RunMap(keys, blocks)
