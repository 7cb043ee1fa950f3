# SPDX-License-Identifier: MPL-2.0

"""The text of a symbol file: its head, names, functions by address, public symbols, unwind records.

Source: Breakpad docs/symbol_files.md.
"""

from array import array
from bisect import bisect_right
from typing import IO

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.cfi import UnwindRecords
from tecken.core.native.demangling import demangled, one_line
from tecken.core.native.model import Derived, Write
from tecken.core.native.numbers import OMITTED
from tecken.core.native.objects import CodeSymbol
from tecken.core.native.opened import OpenedFiles
from tecken.core.native.share_file import FunctionPosition, LooseRows, Share, without_gap
from tecken.core.native.unit_symbols import damage_named

_MAX_UNWIND_RECORDS = 20_000_000  # radosgw has 195,000


class SymbolText:
    """Writes the text of a module from the shares of its debug information, and from its symbol tables."""

    def __init__(self, file: IO[bytes], opened: OpenedFiles, shares: list[Share]) -> None:
        self._file = file
        self._opened = opened
        self._shares = shares
        # The functions by address; of several at one address the first in the file counts, whatever the shares are.
        self._functions: dict[int, tuple[Share, FunctionPosition]] = {}
        for share in shares:
            for function in share.functions():
                known = self._functions.get(function.address)
                if known is None or function.unit < known[1].unit:
                    self._functions[function.address] = (share, function)
        self._symbol_names: dict[int, list[bytes]] = {}
        self._starts = array("Q", sorted(self._functions))
        ends = 0
        self._ends = array("Q")  # up to where the functions reach that begin up to each
        for start in self._starts:
            ends = max(ends, start + self._functions[start][1].size)
            self._ends.append(ends)

    def write(self, name: str) -> Derived:
        """Write all of it, for the module of that name. Raises NativeFileError."""
        main = self._opened.main
        ids = [found for found in self._opened.objects if found.debug_id]
        if not ids:
            raise MalformedNativeFileError("it has no build id, so nobody can ask for its symbols")
        debug_id, code_id = ids[-1].debug_id or "", ids[-1].code_id or ""
        plain = one_line(name.encode())
        self._file.write(f"MODULE {main.os} {main.arch} {debug_id} ".encode() + plain + b"\n")
        self._file.write(f"INFO CODE_ID {code_id}\n".encode())
        self._file.write(b"INFO GENERATOR tecken\n")
        for share in self._shares:
            share.copy_names(self._file)
        symbols = self._uncovered_symbols()
        found = self._write_functions(symbols)
        publics = self._write_publics(symbols)
        unwind_records = _write_unwind_records(self._opened, self._file.write)
        return Derived(
            kind=main.kind,
            os=main.os,
            arch=main.arch,
            debug_id=debug_id,
            code_id=code_id,
            functions=found,
            publics=publics,
            unwind_records=unwind_records,
            has_lines=any(share.facts.has_lines for share in self._shares),
            lacks=self._lacks(),
        )

    def _lacks(self) -> tuple[str, ...]:
        lacks = {name for share in self._shares for name in share.facts.lacks}
        return tuple(
            sorted(lacks | ({"alternate"} if self._opened.alternate_is_missing else set()))
        )

    def _uncovered_symbols(self) -> dict[int, CodeSymbol]:
        """Return the symbols outside of functions by address; the first with a size counts.

        Those of functions are noted by the way.
        """
        base = self._opened.bounds.base
        symbols: dict[int, CodeSymbol] = {}
        for found in self._opened.objects:
            for symbol in found.symbols():
                address = symbol.address - base
                known_function = self._functions.get(address)
                if known_function and known_function[1].is_own_name:
                    self._symbol_names.setdefault(address, []).append(symbol.name)
                if address < 0 or self._is_covered(address):
                    continue
                known = symbols.get(address)
                if known is None or (symbol.size and not known.size):
                    symbols[address] = symbol._replace(address=address)
        return symbols

    def _is_covered(self, address: int) -> bool:
        position = bisect_right(self._starts, address) - 1
        return position >= 0 and address < self._ends[position]

    def _write_functions(self, symbols: dict[int, CodeSymbol]) -> int:
        """Write functions in order, and those symbols with a size that have lines of their own."""
        texts = self._texts_of_symbols(symbols)
        for address in texts:
            del symbols[address]
        for address in sorted([*self._starts, *texts]):
            if text := texts.get(address):
                self._file.write(text)
            else:
                share, function = self._functions[address]
                text = share.text_at(function.offset, function.length)
                if function.is_own_name:
                    text = self._with_parameters(address, text)
                self._file.write(text)
        return len(self._starts) + len(texts)

    def _with_parameters(self, address: int, text: bytes) -> bytes:
        """Return the text of a function without a linkage name, named by the symbol table if that tells more.

        GCC gives no linkage name, and so no parameters, to functions that no other file can call.
        """
        head, _, records = text.partition(b"\n")
        *fields, name = head.split(b" ", 4)
        own = name.partition(b"<")[0].rpartition(b"::")[2]
        for symbol in self._symbol_names.get(address, ()):
            plain = symbol.partition(b".")[0]
            found = one_line(demangled(plain))
            if name == OMITTED or (found != plain and own in found):
                return b" ".join([*fields, found]) + b"\n" + records
        return text

    def _texts_of_symbols(self, symbols: dict[int, CodeSymbol]) -> dict[int, bytes]:
        """Return the records of symbols for which there are lines outside of functions.

        Those are functions in assembler, and thunks that compilers make without an entry of their own. One
        without a size ends where the next one begins, or the lines end.
        """
        rows = LooseRows(self._shares)
        borders = array("Q", sorted([*self._starts, *symbols]))
        texts: dict[int, bytes] = {}
        for address, symbol in symbols.items():
            starts = self._starts if symbol.size else borders
            following = bisect_right(starts, address)
            limit = starts[following] if following < len(starts) else 2**64 - 1
            end = min(address + symbol.size, limit) if symbol.size else limit
            inside = rows.between(address, end)
            if inside and inside[0].start == address:
                if not symbol.size:
                    inside = without_gap(inside)
                    end = inside[-1].end
                name = one_line(demangled(symbol.name))
                texts[address] = b"FUNC %x %x 0 %b\n" % (address, end - address, name) + b"".join([
                    b"%x %x %d %d\n" % (row.start, row.end - row.start, row.line, row.file)
                    for row in inside
                ])  # fmt: skip
        return texts

    def _write_publics(self, symbols: dict[int, CodeSymbol]) -> int:
        for address in sorted(symbols):
            name = one_line(demangled(symbols[address].name))
            self._file.write(b"PUBLIC %x 0 %b\n" % (address, name))
        return len(symbols)


def _write_unwind_records(opened: OpenedFiles, write: Write) -> int:
    """Write the records of all code that has some, in the order of the sections, and return their number.

    Of several at one address the first counts. Raises NativeFileError.
    """
    base, first, last = opened.bounds.base, opened.bounds.first, opened.bounds.last
    written: set[int] = set()
    count = 0
    for module in opened.objects:
        with damage_named("the unwind information"):
            for code in module.unwind_records():
                is_new = first <= code.address < last and code.address not in written
                if is_new and code.size:
                    written.add(code.address)
                    write(_unwind_text(code, code.address - base))
                    count += len(code.records)
                if count > _MAX_UNWIND_RECORDS:
                    raise UnsupportedNativeFileError(
                        f"it has more than {_MAX_UNWIND_RECORDS:,} unwind records"
                    )
    return count


def _unwind_text(code: UnwindRecords, start: int) -> bytes:
    lines = [f"STACK CFI {start + offset:x} {rules}\n" for offset, rules in code.records]
    lines[0] = f"STACK CFI INIT {start:x} {code.size:x} {code.records[0][1]}\n"
    return "".join(lines).encode()
