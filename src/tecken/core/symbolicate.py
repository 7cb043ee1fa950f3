# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Stacks in, symbols out: what a symbolication request asks for, found module by module.

Frames are grouped by module, in the order in which they stand in the jobs, and each address is looked
up once, whatever the number of stacks and jobs it stands in. Wire formats are not known here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from math import inf
from time import perf_counter, thread_time
from typing import Protocol, TypeGuard

from tecken.core.at_once import map_at_once
from tecken.core.batches import batches
from tecken.core.errors import (
    InvalidNameError,
    LimitExceededError,
    MalformedSymbolFileError,
    ModuleUnreachableError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageError,
    UnsupportedSymbolFileError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.symbols.lookup import Offset, ReadLog, Symbol, SymbolTable, without_text
from tecken.core.symbols.records import MAX_ADDRESS

# Their time is looked at in between: as many addresses in as many large functions take half a second.
_ADDRESSES_AT_ONCE = 2_000
# An object may be replaced, or the copy of it be damaged, between finding its index and reading a block.
_ATTEMPTS = 5

Module = tuple[str, str]  # debug file and debug id, as they were sent
Frame = tuple[int, Offset]  # module index (negative: in no module) and module offset


@dataclass(frozen=True, slots=True)
class Job:
    """A memory map and the stacks that refer to it."""

    modules: Sequence[Module]
    stacks: Sequence[Sequence[Frame]]


@dataclass(frozen=True, slots=True)
class ModuleError:
    """Why a module has no symbols: ``not_found``, ``malformed`` or ``unsupported``."""

    name: str
    message: str


def _keep_nothing(_texts: Mapping[Offset, bytes]) -> None:
    """A module that has no symbols has nowhere to keep what is written of them."""


@dataclass(slots=True)
class ModuleSymbols:
    """The symbols of the addresses of a module; ``error`` is None when it was found.

    ``texts`` has, of each of its frames in the order of the jobs, what was written of its address
    before (see KeptTexts), or None; it is empty when nothing was. ``symbols`` has the other addresses.
    ``find_seconds`` is the time it took to find and open its table, but for reads.
    """

    symbols: Mapping[int, Symbol | None] = field(default_factory=dict)
    texts: Sequence[bytes | None] = ()
    error: ModuleError | None = None
    log: ReadLog = field(default_factory=ReadLog)
    find_seconds: float = 0.0
    keep_texts: Callable[[Mapping[Offset, bytes]], None] = _keep_nothing

    def fail(self, name: str, message: str) -> None:
        """Say why there are no symbols; what an attempt before had found is none of the answer."""
        self.symbols, self.texts, self.keep_texts = {}, (), _keep_nothing
        self.error = ModuleError(name, message)


class _TimeLimit:
    """How much processor time the lookups of a request may take, in all threads together.

    Finding tables and reading storage is not counted: a request that had to wait for that is not too
    large, and the next time much of it is there.
    """

    def __init__(self, max_seconds: float) -> None:
        self._max_seconds = max_seconds
        self._taken = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what this thread does. Raises LimitExceededError when the time is over already."""
        if self._taken > self._max_seconds:
            raise LimitExceededError(
                f"The lookups take longer than {self._max_seconds:g} seconds:"
                " ask for fewer frames at once"
            )
        started = thread_time()
        try:
            yield
        finally:
            taken = thread_time() - started
            self._taken += taken


class TableSupplier(Protocol):
    """Finds symbol tables."""

    def table_of(self, key: SymbolKey, log: ReadLog) -> SymbolTable:
        """Return the table of a key. Raises ObjectNotFoundError and the errors of its file."""


def symbolicate(
    jobs: Iterable[Job],
    supplier: TableSupplier,
    modules_at_once: int = 1,
    version: str = "",
    max_seconds: float = inf,
) -> dict[Module, ModuleSymbols]:
    """Look up all frames of all jobs; modules that no frame needs are not in the answer.

    With ``modules_at_once`` threads wait for several at the same time. ``version`` is that of the
    answer that will be written: addresses of which its texts are kept are not looked up again.
    Raises LimitExceededError when the lookups take more processor time than ``max_seconds``, and
    ModuleUnreachableError when a source could not be asked: a client must be able to tell
    "missing" from "try again".
    """
    needed = _offsets_by_module(jobs)
    time_limit = _TimeLimit(max_seconds)

    def look_up(spellings: Sequence[Module]) -> ModuleSymbols:
        offsets = needed[spellings[0]]
        if len(spellings) > 1:
            offsets = [*chain.from_iterable(needed[module] for module in spellings)]
        return _look_up_module(spellings[0], offsets, supplier, version, time_limit)

    modules = _spellings(needed)
    found: dict[Module, ModuleSymbols] = {}
    for spellings, symbols in zip(
        modules, map_at_once(look_up, modules, modules_at_once), strict=True
    ):
        found |= _parted(symbols, [(module, len(needed[module])) for module in spellings])
    return found


def _spellings(modules: Iterable[Module]) -> list[list[Module]]:
    """Put together the ways in which a module is named: an id is the same in any case."""
    by_key: dict[SymbolKey | Module, list[Module]] = {}
    for module in modules:
        name: SymbolKey | Module = module
        with suppress(InvalidNameError):
            name = SymbolKey.of_module(*module)
        by_key.setdefault(name, []).append(module)
    return list(by_key.values())


def _parted(
    symbols: ModuleSymbols, spellings: Sequence[tuple[Module, int]]
) -> Iterator[tuple[Module, ModuleSymbols]]:
    """Give each spelling of a module the texts of its own frames, of which there are so many."""
    texts = iter(symbols.texts)
    for number, (module, frames) in enumerate(spellings):
        own = replace(symbols, texts=[*islice(texts, frames)])
        # What was read is noted with the first spelling alone.
        yield module, replace(own, log=ReadLog(), find_seconds=0.0) if number else own


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


def _look_up_module(
    module: Module,
    offsets: Sequence[Offset],
    supplier: TableSupplier,
    version: str,
    time_limit: _TimeLimit,
) -> ModuleSymbols:
    found = ModuleSymbols()
    form = f"{version} {module[0]}"  # what is written of a frame has its module's name in it
    try:
        _look_up(SymbolKey.of_module(*module), offsets, supplier, form, found, time_limit)
    except (ObjectNotFoundError, InvalidNameError):
        found.fail("not_found", "no source has a symbol file of this module")
    except MalformedSymbolFileError as error:
        found.fail("malformed", error.reason)
    except UnsupportedSymbolFileError as error:
        found.fail("unsupported", error.reason)
    except StorageError as error:
        raise ModuleUnreachableError("/".join(module), error) from error
    return found


def _look_up(
    key: SymbolKey,
    offsets: Sequence[Offset],
    supplier: TableSupplier,
    form: str,
    found: ModuleSymbols,
    time_limit: _TimeLimit,
) -> None:
    for _ in range(_ATTEMPTS - 1):
        with suppress(ObjectChangedError):
            return _look_up_in(_find(key, supplier, found), offsets, form, found, time_limit)
    return _look_up_in(_find(key, supplier, found), offsets, form, found, time_limit)


def _look_up_in(
    table: SymbolTable,
    offsets: Sequence[Offset],
    form: str,
    found: ModuleSymbols,
    time_limit: _TimeLimit,
) -> None:
    found.texts = table.texts.find(form, offsets)
    found.keep_texts = partial(table.texts.keep, form)
    unknown = [*filter(_is_address, without_text(offsets, found.texts))]
    if len(unknown) > _ADDRESSES_AT_ONCE:
        unknown.sort()  # the addresses of a function are looked up together
    symbols: dict[int, Symbol | None] = {}
    for some in batches(unknown, _ADDRESSES_AT_ONCE):
        with time_limit.counted():
            symbols.update(zip(some, table.lookup(some, found.log), strict=True))
    found.symbols = symbols


def _find(key: SymbolKey, supplier: TableSupplier, found: ModuleSymbols) -> SymbolTable:
    started, read_before = perf_counter(), found.log.seconds
    try:
        return supplier.table_of(key, found.log)
    finally:
        found.find_seconds += perf_counter() - started - (found.log.seconds - read_before)
