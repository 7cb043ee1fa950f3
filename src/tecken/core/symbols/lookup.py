# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What a lookup answers, and what every kind of symbol table can do."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class InlineCall:
    """A call that the compiler inlined; None where the symbol file does not tell."""

    function: str | None
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Symbol:
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

    def lookup(self, addresses: Sequence[int], log: ReadLog) -> list[Symbol | None]:
        """Return the symbol of each address (bytes from the module's start), None below the first.

        Raises MalformedSymbolFileError, UnsupportedSymbolFileError, and StorageError.
        """

    @property
    def memory_bytes(self) -> int:
        """About what the table keeps in memory now."""
