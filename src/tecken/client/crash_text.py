# SPDX-License-Identifier: MPL-2.0

"""The text of a crash as systems and tools write it: which of its lines are frames.

A line is a frame when it has one of these forms and nothing else around it, but for white space; N
is a frame's number, in brackets is what may be missing::

    …#N pc <offset> <module>…           Android: tombstones and the log
    #N 0x<address> (<module>+0x<offset>)…   the sanitizers
    [N|#N] <module> + 0x<offset>        minidump tools
    [N|#N] 0x<address> <module>         an address in the process; needs the module's base address

All numbers but N are hexadecimal. A module is a file name or a path that ends in one (after ``/``,
``\\`` or ``!``), and only the third form may have spaces in it. A module that is not among those given
is known by its build id, where the line has ``(BuildId: <32 digits or more>)``. Offsets are used as
they stand: nothing is subtracted from return addresses. Nothing else is guessed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tecken.client.errors import ClientError
from tecken.client.loaded_modules import LoadedModule
from tecken.core.identifiers import debug_id_of_build_id

_MAX_LINE_LENGTH = 1000  # a longer line is no frame, and would take the expressions long
_NUMBER = r"\s*(?:\#?(?P<number>[0-9]{1,9}):?\s+)?"
_HEX_DIGITS = re.compile(r"[0-9a-fA-F]{1,16}\Z")  # 64 bits
_BUILD_ID = re.compile(r"\(BuildId: (?P<id>[0-9a-fA-F]{32,128})\)")

# What stands in the place of a number need not be one: then the line is named as not readable.
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?:.*\s)?\#(?P<number>[0-9]{1,9})\s+pc\s+(?:0x)?(?P<offset>\w+)(?:\s+(?P<module>\S+).*)?",
        r"\s*\#(?P<number>[0-9]{1,9})\s+0x\w+\s+\((?P<module>.+)\+0x(?P<offset>\w+)\).*",
        _NUMBER + r"(?P<module>[^\s!][^!]*?)\s*\+\s*0x(?P<offset>\w+)\s*",
        _NUMBER + r"0x(?P<address>\w+)\s+(?P<module>\S+)\s*",
    )
)


@dataclass(frozen=True, slots=True)
class CrashFrame:
    """A frame in the text: the ``line`` it is (from 0), and the number that it has there."""

    line: int
    number: int | None
    module: LoadedModule
    offset: int


@dataclass(frozen=True, slots=True)
class CrashText:
    """A text by lines, its frames in order, and why other lines that look like one are none.

    ``unreadable`` has the numbers (from 1) of the lines by what is wrong with them.
    """

    lines: list[str]
    frames: list[CrashFrame] = field(default_factory=list)
    unreadable: dict[str, list[int]] = field(default_factory=dict)


class _UnreadableFrameError(ClientError):
    """A line has the form of a frame and cannot be one; the message is the reason."""


def read_crash_text(text: str, modules: Mapping[str, LoadedModule]) -> CrashText:
    """Find the frames of a text; ``modules`` are by the name that they have in it.

    ``"  #01 pc 0000b2e3  /system/lib/libfoo.so"`` is a frame with number 1, of ``libfoo.so``.
    """
    crash = CrashText(text.split("\n"))
    for at, line in enumerate(crash.lines):
        try:
            frame = _read_frame(at, line, modules)
        except _UnreadableFrameError as error:
            crash.unreadable.setdefault(str(error), []).append(at + 1)
        else:
            crash.frames.extend([frame] if frame else [])
    return crash


def _read_frame(at: int, line: str, modules: Mapping[str, LoadedModule]) -> CrashFrame | None:
    if len(line) > _MAX_LINE_LENGTH:
        return None
    match = next(filter(None, (form.fullmatch(line) for form in _FORMS)), None)
    if match is None:
        return None
    found = match.groupdict()
    module = _module(found["module"], line, modules)
    if found.get("offset"):
        offset = _number("offset", found["offset"])
    else:
        offset = _offset_in(module, _number("address", found["address"]))
    return CrashFrame(at, int(found["number"]) if found["number"] else None, module, offset)


def _module(path: str | None, line: str, modules: Mapping[str, LoadedModule]) -> LoadedModule:
    if path is None:
        raise _UnreadableFrameError("there is no module")
    name = re.split(r"[/\\!]", path)[-1]
    if name in modules:
        return modules[name]
    build_id = _BUILD_ID.search(line)
    if not name or build_id is None:
        raise _UnreadableFrameError(f"{name or path} is not among the modules")
    return LoadedModule(name, debug_id_of_build_id(build_id["id"]))


def _number(what: str, digits: str) -> int:
    if not _HEX_DIGITS.match(digits):
        raise _UnreadableFrameError(f"the {what} {digits} is no hexadecimal number of 64 bits")
    return int(digits, 16)


def _offset_in(module: LoadedModule, address: int) -> int:
    name, base = module.debug_file, module.base_address
    if base is None:
        raise _UnreadableFrameError(f"the modules do not say the base address of {name}")
    if address < base:
        raise _UnreadableFrameError(f"{address:#x} is below {base:#x}, where {name} begins")
    return address - base
