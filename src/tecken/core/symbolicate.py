# SPDX-License-Identifier: MPL-2.0

"""Stacks in, symbols out: what a symbolication request asks for, found module by module.

Frames are grouped by module, in the order in which they stand in the jobs, and each address is looked
up once, whatever the number of stacks and jobs it stands in. Wire formats are not known here.

Where storage is remote, modules wait for it in threads that all requests share; what is in memory is
looked up before, by the thread that asks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from time import perf_counter
from types import MappingProxyType
from typing import Protocol, TypeGuard, TypeVar

from tecken.core.batches import batches
from tecken.core.concurrency.at_once import map_at_once
from tecken.core.errors import (
    BeingFetchedError,
    InvalidNameError,
    MalformedSymbolFileError,
    ModuleUnreachableError,
    ObjectChangedError,
    ObjectNotFoundError,
    ObjectPendingError,
    StorageError,
    UnsupportedSymbolFileError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.symbols.lookup import (
    Offset,
    ReadLog,
    Symbol,
    SymbolTable,
    found_bytes,
)
from tecken.core.symbols.lookup_limits import LookupLimits
from tecken.core.symbols.records import MAX_ADDRESS, SymbolFileHead

# What they find is counted in between: a few megabytes at most (see MAX_NEST_LEVELS).
_ADDRESSES_AT_ONCE = 2_000
# An object may be replaced, or the copy of it be damaged, between finding its index and reading a block.
_ATTEMPTS = 5

Table = TypeVar("Table")

Module = tuple[str, str]  # debug file and debug id, as they were sent
_NO_CODE_IDS: Mapping[Module, str] = MappingProxyType({})
Frame = tuple[int, Offset]  # module index (negative: in no module) and module offset

# Returns what is held while something is computed, and not while storage is waited for.
Turn = Callable[[], AbstractContextManager[object]]
# Returns which offsets of the frames of a module are to be looked up in its table, each once.
Wanted = Callable[[Module, SymbolTable, Sequence[Offset]], Iterable[Offset]]


@dataclass(frozen=True, slots=True)
class Job:
    """A memory map and the stacks that refer to it, and the code ids of modules as far as they are known."""

    modules: Sequence[Module]
    stacks: Sequence[Sequence[Frame]]
    code_ids: Mapping[Module, str] = field(default_factory=lambda: _NO_CODE_IDS)


@dataclass(frozen=True, slots=True)
class ModuleError:
    """Why a module has no symbols: ``not_found``, ``pending``, ``malformed`` or ``unsupported``."""

    name: str
    message: str


@dataclass(slots=True)
class ModuleSymbols:
    """The symbols of the wanted addresses of a module; ``error`` is None when it was found.

    ``table`` is what they were looked up in, and ``head`` what its file tells of the module.
    ``find_seconds`` is the time it took to find and open the table, but for reads.
    """

    symbols: Mapping[int, Symbol | None] = field(default_factory=dict)
    error: ModuleError | None = None
    table: SymbolTable | None = None
    head: SymbolFileHead | None = None
    log: ReadLog = field(default_factory=ReadLog)
    find_seconds: float = 0.0

    def fail(self, name: str, message: str) -> None:
        """Say why there are no symbols; what an attempt before had found is none of the answer."""
        self.symbols, self.table, self.head = {}, None, None
        self.error = ModuleError(name, message)


class TableSupplier(Protocol):
    """Finds symbol tables."""

    def table_of(self, key: SymbolKey, log: ReadLog) -> SymbolTable:
        """Return the table of a key. Raises ObjectNotFoundError and the errors of its file."""

    def table_in_memory(self, key: SymbolKey, log: ReadLog) -> SymbolTable | None:
        """Return the table of a key if nobody has to be asked for it.

        Raises ObjectNotFoundError when it is known that there is none.
        """


def _all(_module: Module, _table: SymbolTable, offsets: Sequence[Offset]) -> Iterable[Offset]:
    return dict.fromkeys(offsets)


def symbolicate(
    jobs: Iterable[Job],
    supplier: TableSupplier,
    modules_at_once: int = 1,
    limits: LookupLimits | None = None,
    turn: Turn = nullcontext,
    wanted: Wanted = _all,
) -> dict[Module, ModuleSymbols]:
    """Look up all frames of all jobs; modules that no frame needs are not in the answer.

    With ``modules_at_once`` threads wait for several at the same time. ``turn`` is held while this
    computes; what has to be read from afar is looked up without it. ``wanted`` may leave out addresses
    of which the caller knows enough; it is called in several threads, and again for a table that
    was replaced. Raises LimitExceededError when the lookups take more than the limits allow, and
    ModuleUnreachableError when a source could not be asked: a client must be able to tell
    "missing" from "try again".
    """
    limits = limits or LookupLimits()
    is_far = modules_at_once > 1
    turn_to_read = nullcontext if is_far else turn
    with turn():
        needed = _offsets_by_module(jobs)
        lookups = [
            _ModuleLookup(spellings, supplier, limits, turn_to_read, wanted)
            for spellings in _spellings(needed)
        ]
        waiting = lookups
        if is_far:
            waiting = [lookup for lookup in lookups if not lookup.is_done_from_memory()]
    for _ in map_at_once(_ModuleLookup.run, waiting, modules_at_once):
        pass
    return {module: found for lookup in lookups for module, found in lookup.answers()}


_Spellings = dict[Module, list[Offset]]  # the offsets of the frames of each


def _spellings(modules: Mapping[Module, list[Offset]]) -> Iterable[_Spellings]:
    """Put together the ways in which a module is named: an id is the same in any case."""
    by_key: dict[SymbolKey | Module, _Spellings] = {}
    for module, offsets in modules.items():
        name: SymbolKey | Module = module
        with suppress(InvalidNameError):
            name = SymbolKey.of_module(*module)
        by_key.setdefault(name, {})[module] = offsets
    return by_key.values()


def _offsets_by_module(jobs: Iterable[Job]) -> dict[Module, list[Offset]]:
    """Collect the offsets of the frames of each module that can be looked up, in their order."""
    offsets: dict[Module, list[Offset]] = {}
    in_no_module: list[Offset] = []
    for job in jobs:
        # A request may name a module any number of times.
        by_index = [offsets.setdefault(module, []) for module in job.modules]
        by_index.append(in_no_module)
        for stack in job.stacks:
            for index, offset in stack:
                by_index[index if index >= 0 else -1].append(offset)
    return {
        module: of_module
        for module, of_module in offsets.items()
        if any(map(_is_address, of_module))
    }


def _is_address(offset: Offset) -> TypeGuard[int]:
    return isinstance(offset, int) and 0 <= offset <= MAX_ADDRESS


@dataclass(slots=True)
class _ModuleLookup:
    """The lookup of all frames of one module, which may be named in several spellings."""

    _spellings: _Spellings
    _supplier: TableSupplier
    _limits: LookupLimits
    _turn: Turn
    _wanted: Wanted
    found: ModuleSymbols = field(default_factory=ModuleSymbols)

    @property
    def _module(self) -> Module:
        return next(iter(self._spellings))

    def answers(self) -> Iterator[tuple[Module, ModuleSymbols]]:
        """Yield what was found for each spelling; what was read is noted with the first alone."""
        for number, module in enumerate(self._spellings):
            found = self.found
            yield module, replace(found, log=ReadLog(), find_seconds=0.0) if number else found

    def is_done_from_memory(self) -> bool:
        """Look all up if nothing has to be read for it; say whether that was so."""
        self.found = ModuleSymbols()
        try:
            table = self._find(self._supplier.table_in_memory)
            done = table is not None and self._is_known_to(table)
        except (ObjectNotFoundError, InvalidNameError):
            self._fail_as_not_found()
            done = True
        return done

    def run(self) -> None:
        """Look all up. Raises LimitExceededError and ModuleUnreachableError."""
        self.found = ModuleSymbols()
        try:
            self._look_up()
        except (ObjectPendingError, BeingFetchedError) as error:
            self.found.fail("pending", error.reason)
        except (ObjectNotFoundError, InvalidNameError):
            self._fail_as_not_found()
        except MalformedSymbolFileError as error:
            self.found.fail("malformed", error.reason)
        except UnsupportedSymbolFileError as error:
            self.found.fail("unsupported", error.reason)
        except StorageError as error:
            raise ModuleUnreachableError("/".join(self._module), error) from error

    def _fail_as_not_found(self) -> None:
        self.found.fail("not_found", "no source has a symbol file of this module")

    def _look_up(self) -> None:
        for _ in range(_ATTEMPTS - 1):
            with suppress(ObjectChangedError):
                return self._look_up_in(self._find(self._supplier.table_of))
        return self._look_up_in(self._find(self._supplier.table_of))

    def _look_up_in(self, table: SymbolTable) -> None:
        symbols: dict[int, Symbol | None] = {}
        with self._turn():
            unknown = self._unknown_of(table)
        for some in batches(unknown, _ADDRESSES_AT_ONCE):
            with self._turn(), self._limits.counted() as meter:
                symbols.update(zip(some, table.lookup(some, self.found.log, meter), strict=True))
        self.found.symbols = symbols

    def _is_known_to(self, table: SymbolTable) -> bool:
        symbols: dict[int, Symbol | None] = {}
        for some in batches(self._unknown_of(table), _ADDRESSES_AT_ONCE):
            with self._limits.counted() as meter:
                known = table.known(some, meter)
            if len(known) < len(some):
                return False
            symbols |= known
            self._limits.take_bytes(found_bytes(known.values()))
        self.found.symbols = symbols
        return True

    def _unknown_of(self, table: SymbolTable) -> Sequence[int]:
        """Return the addresses that are wanted, each once."""
        self.found.table, self.found.head = table, table.head
        offsets = dict.fromkeys(
            chain.from_iterable(
                self._wanted(module, table, offsets) for module, offsets in self._spellings.items()
            )
        )
        unknown = [*filter(_is_address, offsets)]
        if len(unknown) > _ADDRESSES_AT_ONCE:
            unknown.sort()  # the addresses of a function are looked up together
        return unknown

    def _find(self, find: "Callable[[SymbolKey, ReadLog], Table]") -> "Table":
        log = self.found.log
        started, read_before = perf_counter(), log.seconds
        try:
            return find(SymbolKey.of_module(*self._module), log)
        finally:
            self.found.find_seconds += perf_counter() - started - (log.seconds - read_before)
