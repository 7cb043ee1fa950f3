# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Look addresses up in a Breakpad symbol file by its index, reading only the blocks that are needed.

One lookup of many addresses reads in two rounds: the blocks of their functions, then those of the
names of files and of inlined functions (and what follows, where a huge function goes on in the next
block). What was read is kept: the symbols of each block that was touched, the records of the
functions that were asked for, names, and what others wrote of it. ``forget`` drops all of it. A lookup that needs
very many blocks goes in several such steps, and drops what it has kept when that is too much.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import repeat, starmap
from threading import Lock

from tecken.core.errors import MalformedSymbolFileError, UnsupportedSymbolFileError
from tecken.core.symbols.functions import (
    MAX_FUNCTION_BYTES,
    FunctionRecords,
    Location,
    Position,
)
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.lookup import InlineCall, KeptTexts, ReadLog, Symbol
from tecken.core.symbols.names import NameTable
from tecken.core.symbols.range_table import packed
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.records import END_OF_FUNCTION, SYMBOL_RECORD, decode_name

_BLOCKS_AT_ONCE = 512  # 16 MB of text; parsed, up to 20 times as much of optimised C++
_MAX_KEPT_BYTES = (
    64 * 1024 * 1024
)  # between steps: what is kept for later lookups is bounded by tiers
_SYMBOL_BYTES = 250


@dataclass(slots=True)
class _SymbolRecord:
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

    def at(self, address: int, place: Location) -> Symbol:
        """Return the symbol of an address that its records cover."""
        offset = address - self.start
        return Symbol(self.name, offset, self.size, place.file, place.line, place.inlines)


class _BlockSymbols:
    """The symbols of a block by address. Few will be asked for, so the others stay as read.

    All is in columns. Looking an address up is mostly waiting for memory that no cache has, and each
    dictionary on the way costs several such waits.
    """

    __slots__ = ("_making", "_read", "_starts", "_symbols")

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
        self._symbols: list[_SymbolRecord | None] = [None] * len(read)
        self._making = Lock()

    def __len__(self) -> int:
        return len(self._starts)

    def asked_at(self, address: int) -> _SymbolRecord | None:
        """Return the symbol of an address, if it was asked for before."""
        return self._symbols[bisect_right(self._starts, address) - 1]

    def symbol_of(self, address: int) -> _SymbolRecord:
        place = bisect_right(self._starts, address) - 1
        symbol = self._symbols[place]
        if symbol is None:
            with self._making:  # records are kept in one symbol
                symbol = self._symbols[place] or self._make(place)
                self._symbols[place] = symbol
        return symbol

    def _make(self, place: int) -> _SymbolRecord:
        start = self._starts[place]
        hex_size, name, body_offset = self._read[place]
        size = int(hex_size, 16) if hex_size else None
        return _SymbolRecord(start, start + (size or 0), size, decode_name(name[1:]), body_offset)


_Located = dict[int, tuple[_SymbolRecord, list[int]]]  # by start, a symbol and its addresses
_Found = list[tuple[int, _SymbolRecord, Position | None]]


class BreakpadTable:
    """The symbols of a Breakpad symbol file. Safe to use from several threads.

    They look up at the same time, or ``in_turn``: right after a file was opened many wait for it, and
    those who come second mostly want what the first one reads.
    """

    def __init__(self, index: SymbolIndex, reader: BlockReader, *, in_turn: bool = False) -> None:
        self._turn: AbstractContextManager[object] = Lock() if in_turn else nullcontext()
        self.index = index
        self._reader = reader
        self._files = NameTable(b"FILE", index.files)
        self._origins = NameTable(b"INLINE_ORIGIN", index.origins)
        self._blocks: dict[int, _BlockSymbols] = {}
        self._kept_bytes = 0
        self.texts = KeptTexts()

    @property
    def memory_bytes(self) -> int:
        """About what the index and everything kept take in memory."""
        names = self._files.memory_bytes + self._origins.memory_bytes
        return self.index.memory_bytes + self._kept_bytes + names + self.texts.memory_bytes

    def forget(self) -> None:
        """Drop everything but the index."""
        self._blocks, self._kept_bytes = {}, 0
        self.texts.forget()
        self._files.forget()
        self._origins.forget()

    def lookup(self, addresses: Sequence[int], log: ReadLog) -> list[Symbol | None]:
        """Return the symbol of each address (bytes from the module's start), None below the first.

        Raises MalformedSymbolFileError, UnsupportedSymbolFileError, and StorageError.
        """
        if self.index.malformed:
            raise MalformedSymbolFileError(self.index.malformed)
        if self.index.unsupported:
            raise UnsupportedSymbolFileError(self.index.unsupported)
        if not self.index.symbols.keys:
            raise MalformedSymbolFileError("there is no FUNC and no PUBLIC record")
        with self._turn:
            # In order: neighbours are found in memory that was just looked at.
            found = self._look_up(sorted(set(addresses)), log)
        return [found[address] for address in addresses]

    def _look_up(self, addresses: Iterable[int], log: ReadLog) -> dict[int, Symbol | None]:
        answers: dict[int, Symbol | None] = {}
        by_block: dict[int, list[int]] = {}
        parsed: _Found = []
        keys, blocks, read = self.index.symbols.keys, self.index.symbols.blocks, self._blocks
        for address in addresses:
            run = bisect_right(keys, address) - 1
            if run < 0:
                answers[address] = None
                continue
            block = read.get(blocks[run])
            symbol = None if block is None else block.asked_at(address)
            if symbol is None:
                by_block.setdefault(blocks[run], []).append(address)
            elif known := symbol.known_at(address):
                answers[address] = known
            elif symbol.records and (position := symbol.records.parsed_at(address)):
                parsed.append((address, symbol, position))
            else:
                by_block.setdefault(blocks[run], []).append(address)
        for number, step in enumerate(_steps(by_block)):
            if number and self._kept_bytes > _MAX_KEPT_BYTES:
                self.forget()
            # Names of both kinds are read at once: far away that is a round trip.
            answers |= self._name(parsed + self._find_symbols(step, log), log)
            parsed = []
        if parsed:
            answers |= self._name(parsed, log)
        return answers

    def _find_symbols(self, by_block: dict[int, list[int]], log: ReadLog) -> _Found:
        blocks = self._blocks
        located = {
            block: _locate(addresses, blocks[block])
            for block, addresses in by_block.items()
            if block in blocks
        }
        unread = [
            block
            for block in by_block
            if block not in located
            or any(starmap(_SymbolRecord.lacks_records, located[block].values()))
        ]
        texts = self._reader.read(unread, log) if unread else {}
        found: _Found = []
        for block, addresses in by_block.items():
            symbols = located.get(block)
            if symbols is None:
                symbols = _locate(addresses, self._parse_symbols(block, texts[block]))
            for symbol, of_symbol in symbols.values():
                inside = [address for address in of_symbol if address < symbol.end]
                if inside:
                    records = symbol.records or self._parse_records(block, texts, symbol, log)
                    positions = records.at(inside)
                    found += zip(inside, repeat(symbol), positions, strict=False)
                if len(inside) < len(of_symbol):
                    found += [
                        (address, symbol, None) for address in of_symbol if address >= symbol.end
                    ]
        return found

    def _parse_symbols(self, block: int, text: bytes) -> _BlockSymbols:
        symbols = _BlockSymbols(text)
        self._blocks[block] = symbols
        self._kept_bytes += _SYMBOL_BYTES * len(symbols)
        return symbols

    def _parse_records(
        self, block: int, texts: dict[int, bytes], symbol: _SymbolRecord, log: ReadLog
    ) -> FunctionRecords:
        body = self._body_of(block, texts[block], symbol.body_offset, log)
        symbol.records = FunctionRecords(body, symbol.start, symbol.end)
        self._kept_bytes += symbol.records.memory_bytes
        return symbol.records

    def _body_of(self, block: int, text: bytes, start: int, log: ReadLog) -> bytes:
        if end := END_OF_FUNCTION.search(text, start):
            return text[start : end.start()]
        following = self._continuations_of(block, len(text) - start)
        if not following:
            return text[start:]
        texts = self._reader.read(following, log)
        body = text[start:] + b"".join(texts[number] for number in following)
        end = END_OF_FUNCTION.search(body)
        return body[: end.start()] if end else body

    def _continuations_of(self, block: int, size: int) -> list[int]:
        """Return the blocks that continue ``block``, until a function's text is at its limit."""
        table = self.index.table
        following = []
        for number in range(block + 1, len(table)):
            size += table.text_sizes[number]
            if not table.continues[number] or size > MAX_FUNCTION_BYTES:
                break
            following.append(number)
        return following

    def _name(self, found: _Found, log: ReadLog) -> dict[int, Symbol | None]:
        """Make the symbols, those first whose names are all known."""
        symbols: dict[int, Symbol | None] = {}
        unnamed: _Found = []
        files, origins = self._files.known, self._origins.known
        for address, symbol, position in found:
            try:
                symbols[address] = self._make_symbol(address, symbol, position, files, origins)
            except KeyError:
                unnamed.append((address, symbol, position))
        if unnamed:
            files, origins = self._read_names([position for *_, position in unnamed], log)
            for address, symbol, position in unnamed:
                symbols[address] = self._make_symbol(address, symbol, position, files, origins)
        return symbols

    def _make_symbol(
        self,
        address: int,
        symbol: _SymbolRecord,
        position: Position | None,
        files: Mapping[int, str | None],
        origins: Mapping[int, str | None],
    ) -> Symbol:
        """Make the symbol of an address, and keep its location. Raises KeyError when a name is not there."""
        if position is None or symbol.records is None:
            return Symbol(symbol.name, address - symbol.start, symbol.size)
        location = _locate_in_names(position, files, origins)
        self._kept_bytes += symbol.records.keep_location(address, location)
        return symbol.at(address, location)

    def _read_names(
        self, positions: Iterable[Position | None], log: ReadLog
    ) -> tuple[Mapping[int, str | None], Mapping[int, str | None]]:
        """Return all names of files and origins that the positions need, by number."""
        known = [position for position in positions if position]
        calls = {call for position in known for call in position.calls}
        file_numbers = {position.line[1] for position in known if position.line}
        file_numbers |= {call.call_file for call in calls}
        file_search = self._files.search(file_numbers)
        origin_search = self._origins.search({call.origin for call in calls})
        blocks = {*file_search.blocks.values(), *origin_search.blocks.values()}
        texts = self._reader.read(list(blocks), log) if blocks else {}
        files = self._files.resolve(file_search, texts)
        return files, self._origins.resolve(origin_search, texts)


def _locate(addresses: Iterable[int], symbols: _BlockSymbols) -> _Located:
    located: _Located = {}
    for address in addresses:
        symbol = symbols.symbol_of(address)
        located.setdefault(symbol.start, (symbol, []))[1].append(address)
    return located


def _steps(by_block: dict[int, list[int]]) -> Iterator[dict[int, list[int]]]:
    """Part the addresses of many blocks, neighbours together."""
    blocks = sorted(by_block)
    for start in range(0, len(blocks), _BLOCKS_AT_ONCE):
        yield {block: by_block[block] for block in blocks[start : start + _BLOCKS_AT_ONCE]}


def _locate_in_names(
    position: Position, files: Mapping[int, str | None], origins: Mapping[int, str | None]
) -> Location:
    """Give each function of the chain its place: the line record's for the innermost, and for each
    caller the call site of what it called. Raises KeyError when a name is not there."""
    file, line = None, None
    if position.line is not None:
        line_number, file_number = position.line
        file = files[file_number]
        line = line_number if file is not None else None
    inlines = []
    for call in reversed(position.calls):
        inlines.append(InlineCall(origins[call.origin], file, line or None))
        file = files[call.call_file]
        line = call.call_line if file is not None else None
    return Location(file, line or None, tuple(inlines))
