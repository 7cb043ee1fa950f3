# SPDX-License-Identifier: MPL-2.0

"""Write the functions, lines and public symbols of a symbol cache as Breakpad's records.

A cache knows of each address the chain of calls that it is in: at the end of the chain is the function itself. What
follows each other in one function becomes a FUNC, and what was inlined in it at one place an INLINE.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from tecken.core.native.demangling import windows_name
from tecken.core.native.model import Write
from tecken.core.native.numbers import NO_FILE, OMITTED, NumberedNames
from tecken.core.native.symcache import NONE, Function, Location, SymbolCache
from tecken.core.symbols.records import MAX_NEST_LEVELS

# A call that was inlined: its level, the line and file of the call, and the inlined function.
_Call: TypeAlias = tuple[int, int, int, int]


class _Chain(NamedTuple):
    """The inlined calls around an address, the outermost first, in a function."""

    function: int
    calls: tuple[_Call, ...]


class _Range(NamedTuple):
    start: int
    end: int
    location: Location
    chain: _Chain


class _Records:
    """The lines and inlined calls of the ranges of a function."""

    def __init__(self, run: list[_Range]) -> None:
        self.lines: list[list[int]] = []  # start, end, line, file
        self.inlines: dict[_Call, list[list[int]]] = {}
        for found in run:
            location = found.location
            if location.file != NONE and location.line:
                self._add_line(found.start, found.end, location.line, location.file)
            for call in found.chain.calls:
                spans = self.inlines.setdefault(call, [])
                if spans and spans[-1][1] == found.start:
                    spans[-1][1] = found.end
                else:
                    spans.append([found.start, found.end])

    def _add_line(self, start: int, end: int, line: int, file: int) -> None:
        last = self.lines[-1] if self.lines else None
        if last and last[1:] == [start, line, file]:
            last[1] = end
        else:
            self.lines.append([start, end, line, file])


class CacheText:
    """Writes a symbol cache: names first, then functions, then public symbols.

    ``write_name`` and ``write`` take records. What was written is in ``functions``, ``publics`` and ``has_lines``.
    """

    def __init__(self, cache: SymbolCache, write_name: Write, write: Write) -> None:
        self._cache = cache
        self._write = write
        self._file_names = NumberedNames(b"FILE", 0, write_name)
        self._origin_names = NumberedNames(b"INLINE_ORIGIN", 0, write_name)
        self._files: dict[int, int] = {NONE: NO_FILE}
        self._origins: dict[int, int] = {}
        self._chains: dict[tuple[int, int], _Chain] = {}
        self._publics: list[tuple[int, bytes]] = []
        self.functions = 0
        self.has_lines = False

    @property
    def publics(self) -> int:
        """How many public symbols there are."""
        return len(self._publics)

    def write(self, *, with_functions: bool = True) -> None:
        """Write everything; without functions they become public symbols. Raises NativeFileError."""
        for run in self._runs():
            function = self._cache.function(run[0].chain.function)
            if with_functions and not function.is_symbol:
                self._write_function(run)
            else:
                self._add_public(function)
        for address, name in self._publics:
            self._write(b"PUBLIC %x 0 %b\n" % (address, name))

    def _runs(self) -> Iterator[list[_Range]]:
        """Yield ranges that follow each other in one function.

        A symbol between two of them is a label in the function.
        """
        run: list[_Range] = []
        labels: list[_Range] = []
        for found in self._ranges():
            last = labels[-1] if labels else run[-1] if run else None
            follows = last is not None and last.end == found.start
            if follows and found.chain.function == run[-1].chain.function:
                before = run[-1]
                run += [before._replace(start=label.start, end=label.end) for label in labels]
                run.append(found)
                labels = []
            elif follows and self._is_symbol(found) and not self._is_symbol(run[-1]):
                labels.append(found)
            else:
                yield from _single(run, labels)
                run, labels = [found], []
        yield from _single(run, labels)

    def _is_symbol(self, found: _Range) -> bool:
        return self._cache.function(found.chain.function).is_symbol

    def _ranges(self) -> Iterator[_Range]:
        cache = self._cache
        for number in range(cache.range_count):
            start = cache.start(number)
            # What ends nowhere is a symbol: nobody knows its size.
            end = cache.start(number + 1) if number + 1 < cache.range_count else start + 1
            location = cache.location(cache.location_of_range(number))
            if location.function != NONE and start < end:
                chain = self._chain(location.caller, location.function)
                yield _Range(start, end, location, chain)

    def _chain(self, caller: int, function: int) -> _Chain:
        """Return the calls up to a function that was called at a location, or at none."""
        known = self._chains.get((caller, function))
        if known is not None:
            return known
        inner = []  # the locations of the calls, the innermost first
        callee, at = function, caller
        while at != NONE:
            location = self._cache.location(at)
            inner.append((location, callee))
            callee, at = location.function, location.caller
        calls = [
            (level, location.line, location.file, inlined)
            for level, (location, inlined) in enumerate(reversed(inner))
        ]
        chain = _Chain(callee, tuple(calls[:MAX_NEST_LEVELS]))
        self._chains[caller, function] = chain
        return chain

    def _add_public(self, function: Function) -> None:
        found = function.address, windows_name(function.name)
        if function.address != NONE and found not in self._publics[-1:]:
            self._publics.append(found)

    def _write_function(self, run: list[_Range]) -> None:
        name = windows_name(self._cache.function(run[0].chain.function).name) or OMITTED
        start, records = run[0].start, _Records(run)
        parts = [b"FUNC %x %x 0 %b\n" % (start, run[-1].end - start, name)]
        for (level, line, file, origin), spans in sorted(
            records.inlines.items(), key=_first_and_level
        ):
            ranges = b"".join([b" %x %x" % (first, end - first) for first, end in spans])
            numbers = (level, line, self._file(file), self._origin(origin), ranges)
            parts.append(b"INLINE %d %d %d %d%b\n" % numbers)
        for first, end, line, file in records.lines:
            parts.append(b"%x %x %d %d\n" % (first, end - first, line, self._file(file)))
        self._write(b"".join(parts))
        self.functions += 1
        self.has_lines = self.has_lines or bool(records.lines)

    def _file(self, file: int) -> int:
        number = self._files.get(file)
        if number is None:
            path = self._cache.file_path(file)
            number = self._files[file] = self._file_names.number_of(path)
        return number

    def _origin(self, function: int) -> int:
        number = self._origins.get(function)
        if number is None:
            name = windows_name(self._cache.function(function).name) or OMITTED
            number = self._origins[function] = self._origin_names.number_of(name)
        return number


def _first_and_level(inline: tuple[_Call, list[list[int]]]) -> tuple[int, int]:
    call, spans = inline
    return spans[0][0], call[0]


def _single(run: list[_Range], labels: list[_Range]) -> Iterator[list[_Range]]:
    if run:
        yield run
    yield from ([label] for label in labels)
