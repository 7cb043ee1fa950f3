# SPDX-License-Identifier: MPL-2.0

"""What a lookup answers, and what every kind of symbol table can do."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct

from tecken.core.symbols.lookup_limits import Meter
from tecken.core.symbols.records import SymbolFileHead

Offset = int | str  # of a frame; the text of one that is not an integer, as it was sent


class InlineCall(Struct, frozen=True, gc=False, omit_defaults=True):
    """A call that the compiler inlined; None where the symbol file does not tell.

    Written as JSON, what is not known is left out.
    """

    function: str | None = None
    file: str | None = None
    line: int | None = None


class Symbol(Struct, frozen=True, gc=False):
    """The symbol of an address.

    ``function_offset`` and ``function_size`` are in bytes; the size is None for a PUBLIC record.
    ``inlines`` has the innermost call first; its file and line are those of the address, each
    caller's are those of its call site, and ``file`` and ``line`` are those of the function itself.
    """

    function: str
    function_offset: int
    function_size: int | None = None
    file: str | None = None
    line: int | None = None
    inlines: tuple[InlineCall, ...] = ()


def found_bytes(symbols: Iterable[Symbol | None]) -> int:
    """Return how many bytes symbols count for in the limit of an answer, about.

    Twice what they take in memory, and mostly less than the JSON that will be written of them.
    """
    size = 0
    for symbol in symbols:
        if symbol is not None:
            size += _SYMBOL_BYTES + _INLINE_BYTES * len(symbol.inlines) + len(symbol.function)
    return size


_SYMBOL_BYTES = 400
_INLINE_BYTES = 100


@dataclass(slots=True)
class Reads:
    """Reads of one kind: ``stored_bytes`` as stored, ``text_bytes`` once inflated."""

    count: int = 0
    stored_bytes: int = 0
    text_bytes: int = 0
    seconds: float = 0.0

    def add(self, stored_bytes: int, text_bytes: int, seconds: float) -> None:
        """Note one more read."""
        self.count += 1
        self.stored_bytes += stored_bytes
        self.text_bytes += text_bytes
        self.seconds += seconds


@dataclass(slots=True)
class ReadLog:
    """What had to be read for an answer: of storage, and of the caches outside this process.

    ``tiers`` counts what the caches had: ``("memory", "hit")``, ``"miss"``, ``"damaged"``.
    """

    storage: Reads = field(default_factory=Reads)
    cache: Reads = field(default_factory=Reads)
    tiers: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, tier: str, outcome: str) -> None:
        """Note that a tier was asked."""
        self.tiers[tier, outcome] += 1

    @property
    def seconds(self) -> float:
        """The time of all reads."""
        return self.storage.seconds + self.cache.seconds


class SymbolTable(Protocol):
    """The symbols of one module. Other formats than Breakpad's will be other kinds of it."""

    @property
    def head(self) -> SymbolFileHead:
        """What the file tells of the module."""

    def known(self, addresses: Iterable[int], meter: Meter) -> dict[int, Symbol | None]:
        """Return the symbols of those of the addresses for which nothing has to be read."""

    def lookup(
        self, addresses: Sequence[int], log: ReadLog, meter: Meter | None = None
    ) -> list[Symbol | None]:
        """Return the symbol of each address (bytes from the module's start), None below the first.

        Raises MalformedSymbolFileError, UnsupportedSymbolFileError, StorageError, and
        LimitExceededError when the meter does.
        """

    def addresses_of(
        self, names: Collection[str], log: ReadLog, meter: Meter | None = None
    ) -> dict[str, set[int]]:
        """Return where the functions with these names begin; all symbols are read for it.

        Raises what ``lookup`` does.
        """

    @property
    def memory_bytes(self) -> int:
        """About what the table keeps in memory now."""
