# SPDX-License-Identifier: MPL-2.0

"""What is said of modules beside a text: their ids, and where they lay.

A line for each module: ``[NAME IN THE TEXT -> ]DEBUG_FILE DEBUG_ID [0xBASE]``, the id in any spelling; or lines of
``/proc/PID/maps``, ``lm``, ``image list`` and the other tables of ``tables``; or JSON, the ``memoryMap`` of a
request, with the base address, or the build id, as third element. Blank lines and those that begin with ``#`` say nothing.
"""

import json
import re

from tecken.core.crash_texts import ids
from tecken.core.crash_texts.images import Images
from tecken.core.crash_texts.lines import MAX_LINE, clean
from tecken.core.crash_texts.model import Module
from tecken.core.crash_texts.tables import read_module
from tecken.core.errors import InvalidRequestError

_BASE = re.compile(r"(?:0x)?[0-9A-Fa-f]{1,16}\Z")
_ID = re.compile(r"[<{]?[0-9A-Fa-f-]{1,140}[>}]?\Z")
_DIGITS = 16  # of an address


def read_modules_field(text: str, images: Images) -> None:
    """Add the modules of the text. Raises InvalidRequestError that names the line which cannot be read."""
    if text.lstrip()[:1] in ("[", "{") and _read_json(text, images):
        return
    unread: int | None = None
    from_table = False
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if len(line) <= MAX_LINE and read_module(clean(number, line), images):
            from_table = True
        elif not _read_line(stripped, images):
            unread = unread or number
    if unread and not from_table:
        raise InvalidRequestError(
            f"line {unread} of the modules is not [<name> ->] <debug file> <debug id> [0x<base address>], "
            "nor of /proc/PID/maps, lm or image list"
        )


def _read_line(line: str, images: Images) -> bool:
    name, _, rest = line.rpartition(" -> ")
    words = rest.split()
    has_base = len(words) > 2 and (words[-1].startswith("0x") or _is_base(words[-1], words[-2]))
    base = words.pop() if has_base else None
    if len(words) < 2 or not _ID.match(words[-1]) or (base and not _BASE.match(base)):
        return False
    debug_id = ids.of_any(words[-1])
    if debug_id is None:
        return False
    address = None if base is None else int(base, 16)
    code_id = ids.whole_build_id(words[-1])
    _add(name.strip() or None, " ".join(words[:-1]), debug_id, address, images, code_id)
    return True


def _is_base(last: str, before: str) -> bool:
    """Say whether the last word is an address without ``0x``, and the one before it the id."""
    return len(last) <= _DIGITS < len(before) and bool(_BASE.match(last) and _ID.match(before))


def _add(
    name: str | None,
    debug_file: str,
    debug_id: str,
    base: int | None,
    images: Images,
    code_id: str | None = None,
) -> None:
    module = Module(name or debug_file, debug_file, debug_id, name, code_id, base)
    images.add(module, override=name is not None)


def add_memory_map(parsed: object, images: Images) -> bool:
    """Add the modules of a memory map, or of an object that has one; say whether it was that.

    Raises InvalidRequestError for modules in it that are none.
    """
    modules = parsed.get("memoryMap") if isinstance(parsed, dict) else parsed
    if not isinstance(modules, list):
        return False
    for number, module in enumerate(modules):
        match module:
            case [str(debug_file), str(debug_id), str(third)] if ids.whole_build_id(third):
                found = _id(number, debug_id)
                _add(None, debug_file, found, None, images, ids.whole_build_id(third))
            case [str(debug_file), str(debug_id), *base] if len(base) < 2:
                code_id = ids.whole_build_id(debug_id)
                found = _id(number, debug_id)
                _add(None, debug_file, found, _base(number, base), images, code_id)
            case _:
                raise InvalidRequestError(
                    f"module {number} is not [<debug file>, <debug id>] or these and a base address"
                )
    return True


def _read_json(text: str, images: Images) -> bool:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not add_memory_map(parsed, images):
        raise InvalidRequestError("the modules are JSON without a memoryMap")
    return True


def _id(number: int, text: str) -> str:
    if debug_id := ids.of_any(text):
        return debug_id
    raise InvalidRequestError(f"module {number} has a debug id that is not hexadecimal")


def _base(number: int, base: list[object]) -> int | None:
    match base:
        case [] | [None]:
            return None
        case [int(address)]:
            return address
        case [str(text)] if _BASE.match(text):
            return int(text, 16)
        case _:
            raise InvalidRequestError(f"module {number} has a base address that is not hexadecimal")
