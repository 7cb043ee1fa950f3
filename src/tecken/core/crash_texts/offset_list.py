# SPDX-License-Identifier: MPL-2.0

"""A list of modules and offsets, as people write it: every line is a module, offsets, or a comment.

``hello/5A1C3F2B9D8E47606B1FA2C4D5E6F7890 0x114e`` or ``hello 5A1C…``, and offsets on the same line or below,
of the module above; where several modules stand together, ``1:0x114e`` names one by its index (from 0).

Returns: as printed.
"""

import re

from tecken.core.crash_texts import ids
from tecken.core.crash_texts.images import Images
from tecken.core.crash_texts.model import CrashText, Frame, Module, Slot, Thread

FORMAT = "offsets"
EXAMPLE = "hello/5A1C3F2B9D8E47606B1FA2C4D5E6F7890\n0x114e"
_MAX_BYTES = 1024 * 1024
_OFFSET = r"(?:\d{1,6}:)?(?:0x[0-9A-Fa-f]{1,16}|\d{1,19})"
_OFFSETS = re.compile(rf"\s*{_OFFSET}(?:[\s,]+{_OFFSET})*[\s,]*")
_SLASHED = re.compile(
    rf"\s*(?P<debug_file>[^/\s][^/]{{0,255}})/(?P<id>[0-9A-Fa-f]{{32,40}})(?:/\S+)?(?P<offsets>(?:\s+{_OFFSET})*)\s*"
)
_NAMED = re.compile(
    r"\s*(?P<debug_file>[^\s|,;()]+)\s+(?P<id>[0-9A-Fa-f]{33,40})(?:\s+0x(?P<base>[0-9A-Fa-f]{1,16}))?\s*"
)
_ONE = re.compile(
    r"(?:(?P<index>\d{1,6}):)?(?:0x(?P<offset>[0-9A-Fa-f]{1,16})|(?P<decimal>\d{1,19}))"
)
_MAX_LINE = 1_000


def add_modules(text: str, images: Images) -> None:
    """Take in the modules among the lines of a text that is not too long for it to be written by hand."""
    if len(text) > _MAX_BYTES:
        return
    for line in text.split("\n"):
        if 34 < len(line) <= _MAX_LINE and (module := _module(line)):
            images.add(module, override=module.code_file is not None)


def read_offsets(text: str, images: Images) -> CrashText | None:
    """Read a text that is such a list; None for all others."""
    if len(text) > _MAX_BYTES:
        return None
    lines = text.split("\n")
    thread, modules = Thread(), list(images.modules)
    together = len(modules)
    is_above = True
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith(("#", "inlined: ")):
            continue
        module = _module(line) if len(line) <= _MAX_LINE else None
        if module is not None:
            together = together + 1 if is_above else 1
            is_above = True
            modules.append(images.add(module))
        elif _OFFSETS.fullmatch(line) is None:
            return None
        found = _frames(number, line, module, modules, together)
        if found is None:
            return None
        thread.frames += found
        is_above = is_above and not found
    if not thread.frames:
        return None
    return CrashText(FORMAT, threads=[thread], lines=lines)


def _module(line: str) -> Module | None:
    name, _, rest = line.rpartition(" -> ")
    match = _SLASHED.fullmatch(line) or _NAMED.fullmatch(rest)
    if match is None:
        return None
    debug_file, base = match["debug_file"], match.groupdict().get("base")
    name = name.strip()
    return Module(
        name or debug_file,
        debug_file,
        ids.of_any(match["id"]),
        name or None,
        base=int(base, 16) if base else None,
    )


def _frames(
    number: int, line: str, module: Module | None, modules: list[Module], together: int
) -> list[Frame] | None:
    frames = []
    slashed = _SLASHED.fullmatch(line)
    start = slashed.start("offsets") if slashed else 0
    if module is not None and slashed is None:
        return []
    matches = list(_ONE.finditer(line, start))
    for match in matches:
        index = int(match["index"]) if match["index"] else -1
        if index >= len(modules) or (index < 0 and together != 1):
            return None
        end = len(line.rstrip())
        slot = Slot(end, end, "  ") if len(matches) == 1 and slashed is None else None
        name = modules[index].name
        offset = int(match["decimal"] or match["offset"], 10 if match["decimal"] else 16)
        frames.append(Frame(number, name, offset, slot=slot))
    return frames
