# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The answers of symbolication: from symbols to JSON.

A frame's text is the same wherever its module and offset stand, so it is made once for each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.json import encode

from tecken.core.symbolicate import Frame, Job, Module, ModuleSymbols, Offset
from tecken.core.symbols.lookup import InlineCall, Symbol

Json = dict[str, object]
Symbols = Mapping[Module, ModuleSymbols]

UNKNOWN_MODULE = "<unknown>"


def v5_answer(jobs: Sequence[Job], found: Symbols, debug_seconds: float | None = None) -> Json:
    """Answer a v5 request, with a debug block per job when its time is given."""
    return {"results": [_v5_result(job, found, debug_seconds) for job in jobs]}


def v4_answer(job: Job, found: Symbols, debug_seconds: float | None = None) -> Json:
    """Answer a v4 request."""
    answer: Json = {
        "symbolicatedStacks": [
            [_v4_frame(job, frame, found) for frame in stack] for stack in job.stacks
        ],
        "knownModules": [_state(found.get(module)) for module in job.modules],
    }
    if debug_seconds is not None:
        answer["debug"] = _debug(job, found, debug_seconds)
    return answer


def frames_bytes(jobs: Sequence[Job], found: Symbols) -> int:
    """Return about how many bytes the frames of an answer will have, before there are any."""
    return sum(_frames_bytes(job, found) for job in jobs)


def _frames_bytes(job: Job, found: Symbols) -> int:
    sizes: dict[Frame, int] = {}
    total = 0
    for stack in job.stacks:
        for frame in stack:
            size = sizes.get(frame)
            if size is None:
                names = _module_name(job, frame[0]), _symbol(job, frame, found)
                sizes[frame] = size = len(encode(names))
            total += size
    return total


def _v5_result(job: Job, found: Symbols, debug_seconds: float | None) -> Json:
    known: dict[Frame, Json] = {}
    result: Json = {
        "stacks": [
            [
                {"frame": place, **_v5_frame(job, frame, found, known)}
                for place, frame in enumerate(stack)
            ]
            for stack in job.stacks
        ],
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


def _v5_frame(job: Job, frame: Frame, found: Symbols, known: dict[Frame, Json]) -> Json:
    answer = known.get(frame)
    if answer is None:
        index, offset = frame
        answer = {"module_offset": _offset_text(offset), "module": _module_name(job, index)}
        symbol = _symbol(job, frame, found)
        if symbol is not None:
            answer |= _symbol_keys(symbol)
        known[frame] = answer
    return answer


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
