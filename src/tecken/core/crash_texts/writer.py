# SPDX-License-Identifier: MPL-2.0

"""Write a crash text with the names that were found, each line in its own form.

A function and ``at file:line`` stand where the tool would have put the function; module and address stay. Calls that
the compiler inlined are lines of their own below their frame, ``inlined: function at file:line``, in the direction of
the stack: mostly the innermost first. Every other line is byte for byte as it was. A frame that has its source already is left alone, so that what was
written here stays as it is when it is read again. Of JSON a stack is printed instead.

Modules whose symbols are not there yet, or are damaged, have a line each at the end (``module_notes``).
"""

from collections.abc import Iterator
from typing import TypeAlias

from tecken.core.crash_texts.lines import ESCAPES
from tecken.core.crash_texts.model import Frame, Thread
from tecken.core.crash_texts.module_notes import with_notes
from tecken.core.crash_texts.naming import Named, NamedCrash
from tecken.core.crash_texts.scan import OURS
from tecken.core.symbols.lookup import InlineCall

_Found: TypeAlias = tuple[Thread, Frame, Named]


def write_text(named: NamedCrash) -> str:
    """Return the text with its frames named."""
    lines = list(_printed(named)) if named.crash.is_json else _named_lines(named)
    return "\n".join(with_notes(lines, named))


def _named_lines(named: NamedCrash) -> list[str]:
    lines = named.crash.lines
    written: list[str] = []
    done = 0
    for found in sorted(_to_write(named), key=_position):
        at = (found[1].line or 0) - 1
        if at < done:  # it shares the line of the last one
            written += _in_its_form(written.pop(), found)
            continue
        written += lines[done:at]
        written += _in_its_form(lines[at], found)
        done = at + 1
    return [*written, *lines[done:]]


def _position(found: _Found) -> tuple[int, int]:
    """Return line and column, the last column of a line first: what is written there moves no other."""
    frame = found[1]
    return frame.line or 0, -(frame.slot.start if frame.slot else 0)


def _to_write(named: NamedCrash) -> Iterator[_Found]:
    for thread in named.crash.threads:
        for frame in thread.frames:
            name = named.name_of(frame)
            if name and frame.line and frame.slot and not frame.located:
                yield thread, frame, name


def _in_its_form(line: str, found: _Found) -> list[str]:
    thread, frame, name = found
    slot = frame.slot
    if slot is None:
        return [line]
    text = described(name.function, name.file, name.line_number)
    end = "\r" if line.endswith("\r") else ""
    whole = f"{line[: slot.start]}{slot.before}{text}{slot.after}{line[slot.end :]}"
    if whole == line:  # it was written here before
        return [line]
    margin = ESCAPES.sub("", line[: slot.indent]) + "    " + OURS
    calls = () if slot.shared else name.inlines
    inlines = [f"{margin}{_described_call(call)}{end}" for call in calls]
    return [whole, *(reversed(inlines) if thread.outermost_first else inlines)]


def _described_call(call: InlineCall) -> str:
    return described(call.function or "??", call.file, call.line)


def described(function: str, file: str | None, line_number: int | None) -> str:
    """Return ``function at file:line``, or what is known of it."""
    if file is None:
        return function
    return f"{function} at {file}" if line_number is None else f"{function} at {file}:{line_number}"


def _printed(named: NamedCrash) -> Iterator[str]:
    crash = named.crash
    if crash.title:
        yield crash.title
        yield ""
    for number, thread in enumerate(crash.threads):
        name = f" {thread.name}" if thread.name else ""
        yield f"Thread {number}{name}{' (crashed)' if thread.crashed else ''}"
        for position, frame in enumerate(thread.frames):
            yield from _printed_frame(position, frame, named.name_of(frame))
        yield ""


def _printed_frame(position: int, frame: Frame, name: Named | None) -> Iterator[str]:
    """Print a frame in a form of our own: read again, it is none, and stays as it is."""
    found = described(name.function, name.file, name.line_number) if name else None
    text = found or frame.function or "??"
    yield f"{position:>3}  {text}  [{_location(frame)}]"
    for call in name.inlines if name else ():
        yield f"       {OURS}{_described_call(call)}"


def _location(frame: Frame) -> str:
    module = frame.module.debug_file if frame.module else frame.module_name
    if module is None:
        return f"{frame.address or 0:#x}"
    return module if frame.offset is None else f"{module} + {frame.offset:#x}"
