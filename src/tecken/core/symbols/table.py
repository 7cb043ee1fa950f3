# SPDX-License-Identifier: MPL-2.0

"""Look addresses up in a Breakpad symbol file by its index, reading only the blocks that are needed.

One lookup of many addresses reads in two rounds: the blocks of their functions, then those of the
names of files and of inlined functions (and what follows, where a huge function goes on in the next
block). What was read is kept: the symbols of each block that was touched, the records of the
functions that were asked for, names, and what others wrote of it. ``forget`` drops all of it. A lookup that needs
very much goes in several such steps, and drops what it has kept when that is too much. Its time and
what it finds are counted on the way (see LookupLimits).
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import repeat, starmap
from threading import Lock

from tecken.core.errors import MalformedSymbolFileError, UnsupportedSymbolFileError
from tecken.core.symbols.block_symbols import BlockSymbols, SymbolRecord, symbol_names
from tecken.core.symbols.functions import (
    MAX_FUNCTION_BYTES,
    FunctionRecords,
    Position,
    RecordNames,
    turn_to_parse,
)
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.lookup import ReadLog, Symbol, found_bytes
from tecken.core.symbols.lookup_limits import Meter, unlimited
from tecken.core.symbols.names import NameTable
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.records import END_OF_FUNCTION, STACK_RECORD, SymbolFileHead

# What is read before any of it is let go: 16 MB of text in usual blocks.
_BLOCKS_AT_ONCE = 512
_TEXT_AT_ONCE_BYTES = 16 * 1024 * 1024
# The records of a step are kept until their symbols are named: so many bytes, about.
_UNNAMED_BYTES = 32 * 1024 * 1024
_SMALL_BYTES = 4 * 1024 * 1024  # a table that keeps less is not what makes a request keep too much

_Located = dict[int, tuple[SymbolRecord, list[int]]]  # by start, a symbol and its addresses
_Found = list[tuple[int, SymbolRecord, Position | None]]


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
        self._blocks: dict[int, BlockSymbols] = {}
        self._kept_bytes = 0
        self._keeping = Lock()  # threads that add to one number lose what others add

    @property
    def head(self) -> SymbolFileHead:
        """What the first lines of the file tell."""
        return self.index.head

    @property
    def memory_bytes(self) -> int:
        """About what the index and everything kept take in memory."""
        names = self._files.memory_bytes + self._origins.memory_bytes
        return self.index.memory_bytes + self._kept_bytes + names

    def forget(self) -> None:
        """Drop everything but the index."""
        self._blocks, self._kept_bytes = {}, 0
        self._files.forget()
        self._origins.forget()

    def known(self, addresses: Iterable[int], meter: Meter) -> dict[int, Symbol | None]:
        """Return the symbols of those of the addresses for which nothing has to be read.

        Raises MalformedSymbolFileError, UnsupportedSymbolFileError, and LimitExceededError when the
        meter does.
        """
        self._expect_symbols()
        answers: dict[int, Symbol | None] = {}
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
                continue
            if known := symbol.known_at(address):
                answers[address] = known
            elif symbol.records:
                position = symbol.records.parsed_at(address)
                if position is None:
                    meter.check_text(symbol.records.memory_bytes)
                    [position] = symbol.records.at([address])
                parsed.append((address, symbol, position))
        if parsed:
            names = RecordNames(self._files.known, self._origins.known)
            answers |= self._make_symbols(parsed, names, [], meter)
        return answers

    def lookup(
        self, addresses: Sequence[int], log: ReadLog, meter: Meter | None = None
    ) -> list[Symbol | None]:
        """Return the symbol of each address (bytes from the module's start), None below the first.

        Raises MalformedSymbolFileError, UnsupportedSymbolFileError, StorageError, and
        LimitExceededError when the meter does.
        """
        with self._turn:
            # In order: neighbours are found in memory that was just looked at.
            found = self._look_up(sorted(set(addresses)), log, meter or unlimited())
        return [found[address] for address in addresses]

    def addresses_of(
        self, names: Collection[str], log: ReadLog, meter: Meter | None = None
    ) -> dict[str, set[int]]:
        """Return where the functions with these names begin; all symbols are read for it.

        Raises what ``lookup`` does.
        """
        self._expect_symbols()
        meter = meter or unlimited()
        wanted = {name.encode(): name for name in names}
        found: dict[str, set[int]] = {name: set() for name in names}
        for step in self._steps(set(self.index.symbols.blocks)):
            for text in self._reader.read(step, log).values():
                meter.check_text(len(text))
                for address, name in symbol_names(text):
                    if name in wanted:
                        found[wanted[name]].add(address)
        return found

    def stack_records(self, log: ReadLog) -> Iterator[bytes]:
        """Yield the STACK records, some megabytes of whole lines at a time.

        They stand behind all symbols, as dump_syms writes them; where none is there, all is read. Raises
        what ``lookup`` does, but for LimitExceededError.
        """
        self._expect_symbols()
        last = max(self.index.symbols.blocks)
        found = False
        for blocks in (range(last, len(self.index.table)), range(last)):
            for step in () if found else self._steps(blocks):
                texts = self._reader.read(step, log)
                records = b"".join(map(_stack_records, texts.values()))
                if records:
                    found = True
                    yield records

    def _expect_symbols(self) -> None:
        if self.index.malformed:
            raise MalformedSymbolFileError(self.index.malformed)
        if self.index.unsupported:
            raise UnsupportedSymbolFileError(self.index.unsupported)
        if not self.index.symbols.keys:
            raise MalformedSymbolFileError("there is no FUNC and no PUBLIC record")

    def _look_up(
        self, addresses: Sequence[int], log: ReadLog, meter: Meter
    ) -> dict[int, Symbol | None]:
        answers = self.known(addresses, meter)
        meter.limits.take_bytes(found_bytes(answers.values()))
        by_block: dict[int, list[int]] = {}
        keys, blocks = self.index.symbols.keys, self.index.symbols.blocks
        for address in addresses:
            if address not in answers:
                run = bisect_right(keys, address) - 1
                by_block.setdefault(blocks[run], []).append(address)
        for step in self._steps(by_block):
            of_step = {block: by_block[block] for block in step}
            for found in self._find_symbols(of_step, log, meter):
                symbols = self._name(found, log, meter)
                meter.limits.take_bytes(found_bytes(symbols.values()))
                answers |= symbols
                if meter.limits.keeps_too_much and self._kept_bytes > _SMALL_BYTES:
                    meter.limits.keep_bytes(-self._kept_bytes)
                    self.forget()
        return answers

    def _steps(self, blocks: Iterable[int]) -> Iterator[list[int]]:
        """Part many blocks, neighbours together, into those that are read at once."""
        step: list[int] = []
        size = 0
        for block in sorted(blocks):
            text_size = self.index.table.text_sizes[block]
            if step and (len(step) == _BLOCKS_AT_ONCE or size + text_size > _TEXT_AT_ONCE_BYTES):
                yield step
                step, size = [], 0
            step.append(block)
            size += text_size
        if step:
            yield step

    def _keep(self, size: int, meter: Meter) -> None:
        """Note that so many bytes more are kept."""
        with self._keeping:
            self._kept_bytes += size
        meter.limits.keep_bytes(size)

    def _find_symbols(
        self, by_block: dict[int, list[int]], log: ReadLog, meter: Meter
    ) -> Iterator[_Found]:
        """Find the symbols of a step, and give back some at a time where their records are large."""
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
            or any(starmap(SymbolRecord.lacks_records, located[block].values()))
        ]
        texts = self._reader.read(unread, log) if unread else {}
        found: _Found = []
        named_bytes = self._kept_bytes
        for block, addresses in by_block.items():
            symbols = located.get(block)
            if symbols is None:
                symbols = _locate(addresses, self._parse_symbols(block, texts[block], meter))
            for symbol, of_symbol in symbols.values():
                inside = [address for address in of_symbol if address < symbol.end]
                if inside:
                    records = symbol.records or self._parse_records(
                        block, texts, symbol, log, meter
                    )
                    positions = records.at(inside)
                    found += zip(inside, repeat(symbol), positions, strict=False)
                if len(inside) < len(of_symbol):
                    found += [
                        (address, symbol, None) for address in of_symbol if address >= symbol.end
                    ]
                if self._kept_bytes - named_bytes > _UNNAMED_BYTES:
                    yield found
                    found, named_bytes = [], self._kept_bytes
        yield found

    def _parse_symbols(self, block: int, text: bytes, meter: Meter) -> BlockSymbols:
        meter.check_text(len(text))
        made = BlockSymbols(text)
        symbols = self._blocks.setdefault(block, made)  # threads share one, and its records
        if symbols is made:
            self._keep(symbols.memory_bytes, meter)
        return symbols

    def _parse_records(
        self,
        block: int,
        texts: dict[int, bytes],
        symbol: SymbolRecord,
        log: ReadLog,
        meter: Meter,
    ) -> FunctionRecords:
        body = self._body_of(block, texts[block], symbol.body_offset, log)
        with turn_to_parse(len(body)):
            meter.check_text(len(body))
            records = symbol.records  # another thread has parsed them meanwhile
            if records is None:
                records = FunctionRecords(body, symbol.start, symbol.end, meter)
                symbol.records = records
                self._keep(records.memory_bytes, meter)
        return records

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

    def _name(self, found: _Found, log: ReadLog, meter: Meter) -> dict[int, Symbol | None]:
        """Make the symbols, those first whose names are all known."""
        unnamed: _Found = []
        names = RecordNames(self._files.known, self._origins.known)
        symbols = self._make_symbols(found, names, unnamed, meter)
        if unnamed:
            names = self._read_names([position for *_, position in unnamed], log, meter)
            symbols |= self._make_symbols(unnamed, names, [], meter)
        return symbols

    def _make_symbols(
        self, found: _Found, names: RecordNames, unnamed: _Found, meter: Meter
    ) -> dict[int, Symbol | None]:
        """Make symbols and keep their locations; what lacks a name is added to ``unnamed``."""
        symbols: dict[int, Symbol | None] = {}
        kept = 0
        for address, symbol, position in found:
            if position is None or symbol.records is None:
                symbols[address] = Symbol(symbol.name, address - symbol.start, symbol.size)
                continue
            try:
                location = names.locate(position)
            except KeyError:
                unnamed.append((address, symbol, position))
                continue
            kept += symbol.records.keep_location(address, location)
            symbols[address] = symbol.at(address, location)
        self._keep(kept, meter)
        return symbols

    def _read_names(
        self, positions: Iterable[Position | None], log: ReadLog, meter: Meter
    ) -> RecordNames:
        """Return all names of files and origins that the positions need."""
        known = [position for position in positions if position]
        calls = {call for position in known for call in position.calls}
        file_numbers = {position.line[1] for position in known if position.line}
        file_numbers |= {call.call_file for call in calls}
        files = self._files.search(file_numbers)
        origins = self._origins.search({call.origin for call in calls})
        for step in self._steps({*files.blocks, *origins.blocks}):
            texts = self._reader.read(step, log)
            meter.check()
            self._files.resolve(files, texts)
            self._origins.resolve(origins, texts)
            meter.limits.take_bytes(files.take_read_bytes() + origins.take_read_bytes())
        return RecordNames(files.names, origins.names)


def _stack_records(text: bytes) -> bytes:
    lines = STACK_RECORD.findall(text)
    return b"\n".join((*lines, b"")) if lines else b""


def _locate(addresses: Iterable[int], symbols: BlockSymbols) -> _Located:
    located: _Located = {}
    for address in addresses:
        symbol = symbols.symbol_of(address)
        located.setdefault(symbol.start, (symbol, []))[1].append(address)
    return located
