# SPDX-License-Identifier: MPL-2.0

"""Look the frames of a crash text up, as those of a request are."""

import re
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from tecken.core.crash_texts.by_name import find_by_name
from tecken.core.crash_texts.model import HANDLERS, CrashText, Frame, Module
from tecken.core.symbolicate import (
    Job,
    ModuleError,
    ModuleSymbols,
    TableSupplier,
    Turn,
    symbolicate,
)
from tecken.core.symbolicate import Module as ModuleIds
from tecken.core.symbols.lookup import InlineCall, Symbol
from tecken.core.symbols.lookup_limits import LookupLimits, answer_too_large

_C_LIBRARY = re.compile(r"libc[.-]|libpthread[.-]")
_LARGE_FUNCTION = 64 * 1024  # bytes
_FRAME_BYTES = 100  # what is written of a frame besides its names


@dataclass(frozen=True, slots=True)
class Named:
    """What our symbols say of a frame; ``inlines`` has the innermost call first."""

    function: str
    file: str | None = None
    line_number: int | None = None
    inlines: tuple[InlineCall, ...] = ()


@dataclass(slots=True)
class NamedCrash:
    """A crash text with the names that were found, by the ``id`` of its frames.

    ``found`` has the modules with symbols, by debug file and debug id.
    """

    crash: CrashText
    names: dict[int, Named] = field(default_factory=dict)
    found: dict[ModuleIds, ModuleSymbols] = field(default_factory=dict)

    def name_of(self, frame: Frame) -> Named | None:
        """Return what was found of a frame."""
        return self.names.get(id(frame))

    def add(self, module: ModuleIds, symbols: ModuleSymbols) -> None:
        """Take in more symbols of a module."""
        known = self.found.get(module)
        if known is None or known.error is not None or symbols.error is not None:
            self.found[module] = symbols
        else:
            known.symbols = {**known.symbols, **symbols.symbols}

    def is_found(self, module: Module) -> bool:
        """Say whether there are symbols of a module."""
        symbols = self.found.get((module.debug_file, module.debug_id or ""))
        return symbols is not None and symbols.error is None

    def error_of(self, module: Module) -> ModuleError | None:
        """Return why there are none, where a source was asked for them."""
        symbols = self.found.get((module.debug_file, module.debug_id or ""))
        return symbols.error if symbols else None


def check_size(named: NamedCrash, max_bytes: float) -> None:
    """Raises LimitExceededError when all names together have more bytes than an answer may have."""
    size = 0
    for name in map(named.name_of, named.crash.frames):
        if name is not None:
            size += _FRAME_BYTES + len(name.function) + len(name.file or "")
            size += sum(
                _FRAME_BYTES + len(call.function or "") + len(call.file or "")
                for call in name.inlines
            )
            if size > max_bytes:
                raise answer_too_large(max_bytes)


def jobs_of(crash: CrashText) -> list[Job]:
    """Return what is looked up: a job with a stack for each thread, of the frames in known modules."""
    return [_job(crash, [thread.frames for thread in crash.threads])]


def _job(crash: CrashText, stacks: Iterable[Iterable[Frame]]) -> Job:
    modules = [module for module in crash.modules if module.debug_id]
    indexes = {id(module): index for index, module in enumerate(modules)}
    return Job(
        [(module.debug_file, module.debug_id or "") for module in modules],
        [
            [(indexes[id(frame.module)], _offset(frame)) for frame in frames if _is_known(frame)]
            for frames in stacks
        ],
        {
            (module.debug_file, module.debug_id): module.code_id
            for module in modules
            if module.debug_id and module.code_id
        },
    )


def name_frames(
    crash: CrashText,
    supplier: TableSupplier,
    modules_at_once: int = 1,
    limits: LookupLimits | None = None,
    turn: Turn = nullcontext,
) -> NamedCrash:
    """Look all frames up. Raises what ``symbolicate`` does."""
    limits = limits or LookupLimits()
    named = NamedCrash(crash)
    far = modules_at_once > 1
    find_by_name(crash.frames, supplier, limits, nullcontext if far else turn)
    named.found = dict(symbolicate(jobs_of(crash), supplier, modules_at_once, limits, turn))
    _take(named, crash.frames)
    for find in (_trampolines, _after_handlers):
        frames = find(named)
        for frame in frames:
            frame.adjust = 0
        if frames:
            job = _job(crash, [frames])
            exact = symbolicate([job], supplier, modules_at_once, limits, turn)
            for module, symbols in exact.items():
                named.add(module, symbols)
            _take(named, frames, undo=find is _trampolines)
    for frame in crash.frames:
        _forget_far(frame, named)
    return named


def _is_known(frame: Frame) -> bool:
    has_offset = frame.offset is not None or frame.named_offset is not None
    return frame.module is not None and frame.module.debug_id is not None and has_offset


def _offset(frame: Frame) -> int:
    offset = frame.named_offset if frame.offset is None else frame.offset
    return max(0, (offset or 0) - frame.adjust)


def _take(named: NamedCrash, frames: Iterable[Frame], undo: bool = False) -> None:
    """Take what was found of frames; ``undo`` those that turn out to be no trampolines."""
    for frame in frames:
        symbol = _symbol_of(frame, named.found)
        if undo and (symbol is None or symbol.function not in HANDLERS or symbol.function_offset):
            frame.adjust = 1
            continue
        named.names.pop(id(frame), None)
        name = symbol and _level_of(frame, symbol)
        if name:
            named.names[id(frame)] = name


def _symbol_of(frame: Frame, found: Mapping[ModuleIds, ModuleSymbols]) -> Symbol | None:
    if frame.module is None or not _is_known(frame):
        return None
    symbols = found.get((frame.module.debug_file, frame.module.debug_id or ""))
    symbol = symbols.symbols.get(_offset(frame)) if symbols else None
    is_certain = frame.module_name is not None or frame.module.end is not None
    return symbol if symbol is None or is_certain or not _is_far(symbol) else None


def _is_far(symbol: Symbol) -> bool:
    """Say whether an address is beyond the end of what it was found by: the last of a module, perhaps."""
    size = _LARGE_FUNCTION if symbol.function_size is None else symbol.function_size
    return symbol.function_offset >= size


def _level_of(frame: Frame, symbol: Symbol) -> Named | None:
    """Return what stands in a frame's line: all, or one level where the tool has a line for each."""
    chain = (*symbol.inlines, InlineCall(symbol.function, symbol.file, symbol.line))
    last = frame.levels - 1
    if frame.level >= len(chain) - 1 and frame.level < last:
        return None
    call = chain[frame.level] if frame.level < last else chain[-1]
    inlines = symbol.inlines[last:] if frame.level == last else ()
    if call.function is None:
        return None
    return Named(call.function, call.file, call.line, inlines)


def _trampolines(named: NamedCrash) -> list[Frame]:
    """Return the frames that may be where a signal handler returns to.

    The kernel puts the beginning of ``__restore_rt`` there, and one byte before lies another function.
    """
    return [
        frame
        for frame in named.crash.frames
        if frame.adjust and frame.module and _C_LIBRARY.match(frame.module.debug_file)
    ]


def _after_handlers(named: NamedCrash) -> list[Frame]:
    """Return the frames that a signal interrupted, of which only our symbols tell."""
    return [
        frame
        for thread in named.crash.threads
        for above, frame in zip(thread.frames, thread.frames[1:], strict=False)
        if frame.adjust and (name := named.name_of(above)) and name.function in HANDLERS
    ]


def _forget_far(frame: Frame, named: NamedCrash) -> None:
    """Of a module whose end nobody said, what has no symbol need not lie in it."""
    module = frame.module
    if module and frame.module_name is None and module.end is None and named.name_of(frame) is None:
        frame.module = frame.offset = None
