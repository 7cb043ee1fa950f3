# SPDX-License-Identifier: MPL-2.0

"""Which modules a crashed process had loaded: the ids, and where each began, for a crash's text.

A file of them has a line for each::

    libfoo.so 1A0DF793E38A8E4F63C223F1500327FB0
    libbar.so 4D9A3AB7B35C4E11F9C3DBE9C8B0D8A20 0x7f12a4b00000
    xul.dll -> xul.pdb 44E4EC8C2F41492B9369D6B9A059577C2 0x7ff8c0000000

that is: the debug file, its debug id, and, if it is known, the base address. Where the text calls a
module by another name than its debug file, that name and ``->`` stand in front. Blank lines and
those that begin with ``#`` say nothing. Or it is JSON: the ``memoryMap`` of a request, or an object
that has one; a module may have its base address as third element, a number or ``"0x…"``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import msgspec

from tecken.client.errors import ClientError
from tecken.core.identifiers import is_hex_id

_LINE = re.compile(
    r"(?:(?P<name>.*\S)\s+->\s+)?(?P<debug_file>.*\S)\s+(?P<debug_id>(?!0x)\S+)(?:\s+0x(?P<base>\S+))?"
)
_HEX_DIGITS = re.compile(r"[0-9a-fA-F]{1,16}\Z")  # 64 bits


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """A module of a crashed process; ``base_address`` is None where nobody said it."""

    debug_file: str
    debug_id: str
    base_address: int | None = None


class _Request(msgspec.Struct):
    memoryMap: list[list[str | int]]  # noqa: N815 - the name on the wire


def read_modules(content: bytes) -> dict[str, LoadedModule]:
    """Return the modules of a file by the name that they have in the text.

    Raises ClientError that names what cannot be read, or two different modules of one name.
    """
    is_json = content.lstrip()[:1] in (b"[", b"{")
    modules: dict[str, LoadedModule] = {}
    for where, name, module in _of_json(content) if is_json else _of_lines(content):
        if modules.setdefault(name, module) != module:
            raise ClientError(f"{where} is a second {name!r}, different from the first")
    return modules


def _of_lines(content: bytes) -> Iterator[tuple[str, str, LoadedModule]]:
    for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
        where = f"line {number} of the modules"
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            _refuse(where, "is not [<name> ->] <debug file> <debug id> [0x<base address>]")
        base = _address(where, match["base"]) if match["base"] else None
        module = LoadedModule(match["debug_file"], _id(where, match["debug_id"]), base)
        yield where, match["name"] or module.debug_file, module


def _of_json(content: bytes) -> Iterator[tuple[str, str, LoadedModule]]:
    try:
        request = msgspec.json.decode(content, type=_Request | list[list[str | int]])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ClientError(f"the modules are no JSON of a memory map: {error}") from error
    for number, module in enumerate(request if isinstance(request, list) else request.memoryMap):
        where = f"module {number}"
        match module:
            case [str(debug_file), str(debug_id), *base] if len(base) < 2:
                addresses = [_json_address(where, text) for text in base]
                debug_id = _id(where, debug_id)
                yield where, debug_file, LoadedModule(debug_file, debug_id, *addresses)
            case _:
                _refuse(where, "is not [<debug file>, <debug id>] or these and a base address")


def _json_address(where: str, base: str | int) -> int:
    if isinstance(base, int):
        return base
    return _address(where, base.removeprefix("0x"))


def _address(where: str, digits: str) -> int:
    if not _HEX_DIGITS.match(digits):
        _refuse(where, f"has the base address 0x{digits}, which is not hexadecimal")
    return int(digits, 16)


def _id(where: str, debug_id: str) -> str:
    if not is_hex_id(debug_id):
        _refuse(where, f"has the debug id {debug_id!r}, which is not hexadecimal")
    return debug_id


def _refuse(where: str, what: str) -> NoReturn:
    raise ClientError(f"{where} {what}")
