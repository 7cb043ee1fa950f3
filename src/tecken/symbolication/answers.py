# SPDX-License-Identifier: MPL-2.0

"""The answers of symbolication: from symbols to JSON."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from msgspec import Struct
from msgspec.json import encode

from tecken.core.dialects.file_urls import module_urls
from tecken.core.errors import LimitExceededError
from tecken.core.symbolicate import Job, Module, ModuleSymbols
from tecken.core.symbols.lookup import InlineCall, Offset, Symbol
from tecken.core.symbols.records import SymbolFileHead
from tecken.symbolication.frames_json import ByteBudget, RenderedModule, RenderedStacks
from tecken.symbolication.rendered_cache import RenderedBefore

Json = dict[str, object]
Symbols = Mapping[Module, ModuleSymbols]

UNKNOWN_MODULE = "<unknown>"
OWN_GENERATOR = "tecken"  # of symbol files that were derived from native ones
# Of the inlined calls of one address. The longest name known has 35,000, and 80 calls are the most: three
# times as much as both together. In JSON a character may take six bytes.
_MAX_FRAME_CHARACTERS = 8 * 1024 * 1024


class Answer(ABC):
    """The answer to jobs: how large it will be, and then its JSON in chunks."""

    version: ClassVar[str]

    def __init__(
        self, jobs: Sequence[Job], found: Symbols, before: RenderedBefore | None = None
    ) -> None:
        """``before`` is what its ``wanted`` has left out of what was found."""
        self._found = found
        self._before = before or RenderedBefore(self.version)
        self._budget = ByteBudget()
        self._rendered: dict[Module, RenderedModule] = {}
        in_no_module = RenderedModule(partial(self._render_frame, UNKNOWN_MODULE), {}, self._budget)
        self._jobs = [
            (job, RenderedStacks(job.stacks, [*map(self._module_of, job.modules), in_no_module]))
            for job in jobs
        ]

    def frames_bytes(self, enough: int) -> int:
        """Return how many bytes the frames will have, about; counting ends beyond ``enough``."""
        total = 0
        for _, rendered in self._jobs:
            total += rendered.count_bytes(enough - total)
            if total > enough:
                break
        return total

    def keep_rendered(self) -> None:
        """Have what was written of symbols kept, for answers to come."""
        for module, rendered in self._rendered.items():
            if (found := self._found.get(module)) and (new := rendered.take_new()):
                self._before.keep(module, found, new)

    @abstractmethod
    def chunks(self, debug_seconds: float | None = None) -> Iterator[list[bytes]]:
        """Yield the answer in chunks, some at a time, with a debug block per job when its time is given."""

    @staticmethod
    @abstractmethod
    def _render_frame(module: str, offset: Offset, symbol: Symbol | None) -> bytes:
        """Write one frame."""

    def _module_of(self, module: Module) -> RenderedModule:
        if module not in self._rendered:
            found = self._found.get(module) or ModuleSymbols()
            write = partial(self._render_frame, module[0] or UNKNOWN_MODULE)
            before = self._before.rendered_of(module, found)
            self._rendered[module] = RenderedModule(write, found.symbols, self._budget, before)
        return self._rendered[module]


class V5Answer(Answer):
    """The answer to a v5 request."""

    version = "v5"

    def chunks(self, debug_seconds: float | None = None) -> Iterator[list[bytes]]:
        """Yield the answer in chunks, some at a time, with a debug block per job when its time is given."""
        yield [b'{"results":[']
        for number, (job, rendered) in enumerate(self._jobs):
            yield [b',{"stacks":' if number else b'{"stacks":']
            yield from rendered.numbered()
            yield [b",", _without_brace(_v5_result(job, self._found, debug_seconds))]
        yield [b"]}"]

    @staticmethod
    def _render_frame(module: str, offset: Offset, symbol: Symbol | None) -> bytes:
        offset_text = offset if isinstance(offset, str) else hex(offset)
        if symbol is None:
            return _without_brace(_V5Frame(offset_text, module))
        size = symbol.function_size
        _check_frame(symbol)
        return _without_brace(
            _V5Frame(
                offset_text,
                module,
                symbol.function,
                hex(symbol.function_offset),
                None if size is None else hex(size),
                symbol.file,
                symbol.line,
                symbol.inlines,
            )
        )


class V4Answer(Answer):
    """The answer to a v4 request, which is one job."""

    version = "v4"

    def chunks(self, debug_seconds: float | None = None) -> Iterator[list[bytes]]:
        """Yield the answer in chunks, some at a time, with a debug block when its time is given."""
        [(job, rendered)] = self._jobs
        yield [b'{"symbolicatedStacks":']
        yield from rendered.plain()
        rest: Json = {"knownModules": [_state(self._found.get(module)) for module in job.modules]}
        if debug_seconds is not None:
            rest["debug"] = _debug(job, self._found, debug_seconds)
        yield [b",", _without_brace(rest)]

    @staticmethod
    def _render_frame(module: str, offset: Offset, symbol: Symbol | None) -> bytes:
        if isinstance(offset, str):
            return encode(offset)
        return encode(f"{symbol.function if symbol else hex(offset)} (in {module})")


class _V5Frame(Struct, gc=False, omit_defaults=True):
    """A frame of a v5 answer but for its number; what is not known is left out."""

    module_offset: str
    module: str
    function: str | None = None
    function_offset: str | None = None
    function_size: str | None = None
    file: str | None = None
    line: int | None = None
    inlines: tuple[InlineCall, ...] = ()


def _check_frame(symbol: Symbol) -> None:
    """Raises LimitExceededError for names that are too long for one frame, before they are copied."""
    names = sum(len(call.function or "") + len(call.file or "") for call in symbol.inlines)
    if names > _MAX_FRAME_CHARACTERS:
        raise LimitExceededError(
            f"The names of a frame would have more than {_MAX_FRAME_CHARACTERS:,} characters"
        )


def _without_brace(value: Json | _V5Frame) -> bytes:
    """Encode an object without its ``{``, for what another has in front."""
    return encode(value)[1:]


def _v5_result(job: Job, found: Symbols, debug_seconds: float | None) -> Json:
    """Return what stands beside the stacks of a job."""
    result: Json = {
        "found_modules": {"/".join(module): _state(found.get(module)) for module in job.modules},
    }
    errors = {
        "/".join(module): [{"name": state.error.name, "message": state.error.message}]
        for module in job.modules
        if (state := found.get(module)) and state.error
    }
    if infos := dict(_module_infos(job, found)):
        result["module_info"] = infos
    if errors:
        result["module_errors"] = errors
    if debug_seconds is not None:
        result["debug"] = _debug(job, found, debug_seconds)
    return result


def _module_infos(job: Job, found: Symbols) -> Iterator[tuple[str, Json]]:
    """Yield what the symbol files tell of their modules; what they do not is left out."""
    for module in job.modules:
        state = found.get(module)
        if state and state.head:
            code_file, code_id = state.head.code_names()
            names = {"code_file": code_file, "code_id": code_id}
            info: Json = {key: name for key, name in names.items() if name}
            if urls := _native_urls(module, state.head, code_id):
                info["native_files"] = urls
            if info:
                yield "/".join(module), info


def _native_urls(module: Module, head: SymbolFileHead, code_id: str) -> dict[str, str]:
    """Return where native files are asked for, of which the symbols were derived here: by one of them at least."""
    if head.module is None or head.generator != OWN_GENERATOR:
        return {}
    return module_urls(head.module.os, module[1], code_id)


def _state(symbols: ModuleSymbols | None) -> bool | None:
    return None if symbols is None else symbols.error is None


@dataclass(slots=True)
class _Totals:
    count: int = 0
    size: int = 0
    time: float = 0.0

    def json(self) -> Json:
        return {"count": self.count, "size": self.size, "time": self.time}


def _debug(job: Job, found: Symbols, seconds: float) -> Json:
    states = {module: found[module] for module in job.modules if module in found}
    cache_lookups, downloads = _Totals(), _Totals()
    for state in states.values():
        cache, storage = state.log.cache, state.log.storage
        cache_lookups.count += cache.count
        cache_lookups.size += cache.stored_bytes
        cache_lookups.time += cache.seconds
        downloads.count += storage.count > 0
        downloads.size += storage.text_bytes
        downloads.time += storage.seconds
    frames = [frame for stack in job.stacks for frame in stack]
    real = sum(index >= 0 and not isinstance(offset, str) for index, offset in frames)
    return {
        "time": seconds,
        "stacks": {"count": len(frames), "real": real},
        "modules": {"count": len(states), "stacks_per_module": _stacks_per_module(job, states)},
        "cache_lookups": cache_lookups.json(),
        "downloads": downloads.json(),
    }


def _stacks_per_module(job: Job, states: Symbols) -> Mapping[str, int]:
    counts = {"/".join(module): 0 for module in states}
    for stack in job.stacks:
        modules = {job.modules[index] for index, _ in stack if index >= 0}
        for module in modules & states.keys():
            counts["/".join(module)] += 1
    return counts
