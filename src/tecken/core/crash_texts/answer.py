# SPDX-License-Identifier: MPL-2.0

"""The JSON of a crash text with the names that were found."""

import json
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from tecken.core.crash_texts.model import Frame, Module
from tecken.core.errors import InvalidRequestError

if TYPE_CHECKING:  # who only reads an answer looks nothing up
    from tecken.core.crash_texts.naming import NamedCrash


class CallAnswer(Struct):
    """A call that the compiler inlined."""

    function: str | None
    file: str | None
    line_number: int | None


class FrameAnswer(Struct):
    """A frame: ``line`` (from 1) of the text, and what is known of it. ``found``: our symbols named it."""

    line: int | None
    module: str | None
    module_offset: str | None
    address: str | None
    function: str | None
    file: str | None
    line_number: int | None
    inlines: list[CallAnswer]
    found: bool


class ThreadAnswer(Struct):
    """A stack."""

    name: str | None
    crashed: bool
    frames: list[FrameAnswer]


class ErrorAnswer(Struct):
    """Why a module has no symbols, as v5 says it: ``pending`` and the like, and a sentence."""

    name: str
    message: str


class ModuleAnswer(Struct):
    """A module that frames are in. ``assumed``: its id was guessed from its name.

    ``error`` is null where there are symbols, where no id is known, and in answers of earlier versions.
    """

    debug_file: str
    debug_id: str | None
    code_file: str | None
    code_id: str | None
    found: bool
    assumed: bool
    error: ErrorAnswer | None = None


class UnreadAnswer(Struct):
    """A line (from 1) that begins like a frame."""

    line: int
    reason: str


class CrashAnswer(Struct):
    """The whole answer. ``frames`` and ``named`` are counts."""

    format: str | None
    title: str | None
    modules: list[ModuleAnswer]
    threads: list[ThreadAnswer]
    frames: int
    named: int
    unread: list[UnreadAnswer]


def write_json(answer: CrashAnswer, text: str | None = None) -> bytes:
    """Return the JSON of an answer, with the text if there is one.

    A byte of the text that was no UTF-8 is written as the lone surrogate that stands for it, U+DC80 to U+DCFF.
    """
    content = msgspec.json.encode(answer)
    if text is None:
        return content
    return b'%b,"text":%b}' % (content[:-1], json.dumps(text).encode())


def read_crash_answer(content: bytes) -> tuple[CrashAnswer, str | None]:
    """Read the JSON of an answer, and the text in it. Raises InvalidRequestError for anything else."""
    try:
        parsed = json.loads(content)
        answer = msgspec.convert(parsed, CrashAnswer)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise InvalidRequestError(f"this is not the answer to a crash text: {error}") from error
    text = parsed.get("text")
    return answer, text if isinstance(text, str) else None


def answer_of(named: "NamedCrash") -> CrashAnswer:
    """Return the answer, of which ``msgspec`` writes the JSON."""
    crash = named.crash
    return CrashAnswer(
        format=crash.format,
        title=_unicode(crash.title),
        modules=[_module(module, named) for module in crash.modules],
        threads=[
            ThreadAnswer(
                _unicode(thread.name),
                thread.crashed,
                [_frame(frame, named) for frame in thread.frames],
            )
            for thread in crash.threads
        ],
        frames=len(crash.frames),
        named=len(named.names),
        unread=[UnreadAnswer(unread.line, unread.reason) for unread in crash.unread],
    )


def _module(module: Module, named: "NamedCrash") -> ModuleAnswer:
    error = named.error_of(module)
    return ModuleAnswer(
        _unicode(module.debug_file) or "",
        _unicode(module.debug_id),
        _unicode(module.code_file),
        _unicode(module.code_id),
        named.is_found(module),
        module.assumed,
        None if error is None else ErrorAnswer(error.name, _unicode(error.message) or ""),
    )


def _frame(frame: Frame, named: "NamedCrash") -> FrameAnswer:
    name = named.name_of(frame)
    return FrameAnswer(
        line=frame.line,
        module=_unicode(frame.module.debug_file) if frame.module else None,
        module_offset=_hex(frame.offset if frame.module else None),
        address=_hex(frame.address),
        function=name.function if name else _unicode(frame.function),
        file=name.file if name else None,
        line_number=name.line_number if name else None,
        inlines=[
            CallAnswer(call.function, call.file, call.line)
            for call in (name.inlines if name else ())
        ],
        found=name is not None,
    )


def _unicode(text: str | None) -> str | None:
    """Return a text of which JSON can be written: bytes that are no UTF-8 read as ``?``."""
    return text and text.encode(errors="replace").decode()


def _hex(number: int | None) -> str | None:
    return None if number is None else hex(number)
