# SPDX-License-Identifier: MPL-2.0

"""The FUNC and PUBLIC records of one block of a symbol file."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock

from tecken.core.symbols.functions import FunctionRecords, Location
from tecken.core.symbols.lookup import Symbol
from tecken.core.symbols.range_table import packed
from tecken.core.symbols.records import SYMBOL_RECORD, decode_name

_SYMBOL_BYTES = 250
_LONG_BYTES = 64 * 1024  # a block of more text, which has 24 KiB usually, may be one name


@dataclass(slots=True)
class SymbolRecord:
    """A FUNC (with a size) or PUBLIC record; it gets its ``records`` when an address needs them."""

    start: int
    end: int  # of what its records cover
    size: int | None
    name: str
    body_offset: int  # of its records, in the text of its block
    records: FunctionRecords | None = None

    def lacks_records(self, addresses: Iterable[int]) -> bool:
        """Say whether one of the addresses needs records that have not been parsed yet."""
        return self.records is None and min(addresses) < self.end

    def known_at(self, address: int) -> Symbol | None:
        """Return the symbol of an address at or behind ``start``, if its location is kept or has none."""
        if address >= self.end:
            return Symbol(self.name, address - self.start, self.size)
        location = self.records.location_at(address) if self.records else None
        return self.at(address, location) if location else None

    def at(self, address: int, location: Location) -> Symbol:
        """Return the symbol of an address that its records cover."""
        offset = address - self.start
        return Symbol(self.name, offset, self.size, location.file, location.line, location.inlines)


class BlockSymbols:
    """The symbols of a block by address. Few will be asked for, so the others stay as read.

    All is in columns. Looking an address up is mostly waiting for memory that no cache has, and each
    dictionary on the way costs several such waits.
    """

    __slots__ = ("_making", "_read", "_starts", "_symbols", "memory_bytes")

    def __init__(self, text: bytes) -> None:
        functions: dict[int, tuple[bytes | None, bytes, int]] = {}
        publics: dict[int, tuple[bytes | None, bytes, int]] = {}
        for record in SYMBOL_RECORD.finditer(text):
            address, size, name, public, public_name = record.groups()
            if address:
                functions.setdefault(int(address, 16), (size, name, record.end()))
            else:
                publics.setdefault(int(public, 16), (None, public_name, record.end()))
        read = sorted((publics | functions).items())  # FUNC beats PUBLIC, earlier beats later
        self._starts = packed([start for start, _ in read])
        self._read = [fields for _, fields in read]
        self._symbols: list[SymbolRecord | None] = [None] * len(read)
        self._making = Lock()
        long_names = len(text) if len(text) > _LONG_BYTES else 0
        self.memory_bytes = _SYMBOL_BYTES * len(read) + long_names

    def asked_at(self, address: int) -> SymbolRecord | None:
        """Return the symbol of an address, if it was asked for before."""
        return self._symbols[bisect_right(self._starts, address) - 1]

    def symbol_of(self, address: int) -> SymbolRecord:
        """Return the symbol of an address at or behind the first one."""
        position = bisect_right(self._starts, address) - 1
        symbol = self._symbols[position]
        if symbol is None:
            with self._making:  # records are kept in one symbol
                symbol = self._symbols[position] or self._make(position)
                self._symbols[position] = symbol
        return symbol

    def _make(self, position: int) -> SymbolRecord:
        start = self._starts[position]
        hex_size, name, body_offset = self._read[position]
        size = int(hex_size, 16) if hex_size else None
        return SymbolRecord(start, start + (size or 0), size, decode_name(name[1:]), body_offset)


def symbol_names(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the address and the name of each FUNC and PUBLIC record of a block."""
    for record in SYMBOL_RECORD.finditer(text):
        address, _size, name, public, public_name = record.groups()
        if address:
            yield int(address, 16), name.strip()
        else:
            yield int(public, 16), public_name.strip()
