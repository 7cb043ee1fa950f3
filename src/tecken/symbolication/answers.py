# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The answers of symbolication: from symbols to JSON."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from msgspec.json import encode

from tecken.core.symbolicate import Frame, Job, Module, ModuleSymbols, Offset
from tecken.core.symbols.lookup import InlineCall, Symbol
from tecken.symbolication.pieces import FrameTexts, numbered_stacks, plain_stacks

Json = dict[str, object]
Symbols = Mapping[Module, ModuleSymbols]

UNKNOWN_MODULE = "<unknown>"


class Answer(ABC):
    """The answer to jobs: how large it will be, and then its JSON in pieces."""

    def __init__(self, jobs: Sequence[Job], found: Symbols) -> None:
        self._found = found
        self._jobs = [(job, FrameTexts(partial(self._frame_text, job))) for job in jobs]

    def frames_bytes(self, enough: int) -> int:
        """Return how many bytes the frames will have, about; counting ends beyond ``enough``."""
        total = 0
        for job, texts in self._jobs:
            total += texts.count_bytes(job.stacks, enough - total)
            if total > enough:
                break
        return total

    @abstractmethod
    def pieces(self, debug_seconds: float | None = None) -> Iterator[bytes]:
        """Yield the answer, with a debug block per job when its time is given."""

    @abstractmethod
    def _frame_text(self, job: Job, frame: Frame) -> bytes:
        """Write one frame."""


class V5Answer(Answer):
    """The answer to a v5 request."""

    def pieces(self, debug_seconds: float | None = None) -> Iterator[bytes]:
        """Yield the answer, with a debug block per job when its time is given."""
        yield b'{"results":['
        for number, (job, texts) in enumerate(self._jobs):
            yield b',{"stacks":' if number else b'{"stacks":'
            yield from numbered_stacks(job.stacks, texts)
            yield b"," + _without_brace(_v5_result(job, self._found, debug_seconds))
        yield b"]}"

    def _frame_text(self, job: Job, frame: Frame) -> bytes:
        return _without_brace(_v5_frame(job, frame, self._found))


class V4Answer(Answer):
    """The answer to a v4 request, which is one job."""

    def pieces(self, debug_seconds: float | None = None) -> Iterator[bytes]:
        """Yield the answer, with a debug block when its time is given."""
        [(job, texts)] = self._jobs
        yield b'{"symbolicatedStacks":'
        yield from plain_stacks(job.stacks, texts)
        rest: Json = {"knownModules": [_state(self._found.get(module)) for module in job.modules]}
        if debug_seconds is not None:
            rest["debug"] = _debug(job, self._found, debug_seconds)
        yield b"," + _without_brace(rest)

    def _frame_text(self, job: Job, frame: Frame) -> bytes:
        return encode(_v4_frame(job, frame, self._found))


def _without_brace(value: Json) -> bytes:
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
    if errors:
        result["module_errors"] = errors
    if debug_seconds is not None:
        result["debug"] = _debug(job, found, debug_seconds)
    return result


def _v5_frame(job: Job, frame: Frame, found: Symbols) -> Json:
    index, offset = frame
    keys: Json = {"module_offset": _offset_text(offset), "module": _module_name(job, index)}
    symbol = _symbol(job, frame, found)
    return keys | _symbol_keys(symbol) if symbol else keys


def _symbol_keys(symbol: Symbol) -> Json:
    keys: Json = {"function": symbol.function, "function_offset": hex(symbol.function_offset)}
    if symbol.function_size is not None:
        keys["function_size"] = hex(symbol.function_size)
    keys |= _place(symbol.file, symbol.line)
    if symbol.inlines:
        keys["inlines"] = [_inline(call) for call in symbol.inlines]
    return keys


def _inline(call: InlineCall) -> Json:
    keys: Json = {} if call.function is None else {"function": call.function}
    return keys | _place(call.file, call.line)


def _place(file: str | None, line: int | None) -> Json:
    keys: Json = {} if file is None else {"file": file}
    if line is not None:
        keys["line"] = line
    return keys


def _v4_frame(job: Job, frame: Frame, found: Symbols) -> str:
    index, offset = frame
    if isinstance(offset, str):
        return offset
    symbol = _symbol(job, frame, found)
    return f"{symbol.function if symbol else hex(offset)} (in {_module_name(job, index)})"


def _symbol(job: Job, frame: Frame, found: Symbols) -> Symbol | None:
    index, offset = frame
    if index < 0 or isinstance(offset, str):
        return None
    state = found.get(job.modules[index])
    return state.symbols.get(offset) if state else None


def _module_name(job: Job, index: int) -> str:
    return job.modules[index][0] if index >= 0 else UNKNOWN_MODULE


def _offset_text(offset: Offset) -> str:
    return offset if isinstance(offset, str) else hex(offset)


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
