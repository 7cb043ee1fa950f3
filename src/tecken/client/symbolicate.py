# SPDX-License-Identifier: MPL-2.0

"""Ask for symbols: send a v5 request, built from modules and offsets, or the text of a crash."""

import re
from collections.abc import Sequence

import msgspec

from tecken.client.errors import ClientError
from tecken.client.server import Server

_OFFSET = re.compile(
    r"(?:(?P<index>\d+):)?(?:0x(?P<hex>[0-9a-fA-F]+)|(?P<decimal>\d+))\Z", re.ASCII
)


def build_request(modules: Sequence[str], offsets: Sequence[str]) -> bytes:
    """Build the v5 request of one stack.

    ``modules`` are ``name/ID``; ``offsets`` ``0x…`` or decimal, of the only module, or with the
    index of their module in front: ``1:0x1010a``. Raises ClientError.
    """
    memory_map = [_parse_module(module) for module in modules]
    stack = [_parse_offset(offset, len(memory_map)) for offset in offsets]
    return _request(memory_map, stack)


def symbolicate(server: Server, request: bytes) -> bytes:
    """Send a v5 request and return the answer, both JSON. Raises ClientError."""
    return server.post(
        "/symbolicate/v5", content=request, headers={"Content-Type": "application/json"}
    )


def symbolicate_text(
    server: Server, text: bytes, modules: bytes | None, *, guess: bool, with_text: bool
) -> bytes:
    """Send a crash text, and return JSON that tells of its frames, ``with_text`` also the text with them named.

    ``modules`` are those that it does not name itself; ``guess``: of one known by its name alone the newest is
    taken. Raises ClientError.
    """
    fields: dict[str, tuple[str, bytes]] = {"text": ("text", text)}
    if modules is not None:
        fields["modules"] = ("modules", modules)
    return server.post(
        "/symbolicate/text",
        files=fields,
        params=_wanted(guess=guess, text=with_text),
        headers={"Accept": "application/json"},
    )


def symbolicate_minidump(server: Server, dump: bytes, *, guess: bool, with_text: bool) -> bytes:
    """Send a minidump, and return JSON that tells of its stacks, as ``symbolicate_text`` does of a text's.

    Raises ClientError.
    """
    return server.post(
        "/symbolicate/minidump",
        content=dump,
        params=_wanted(guess=guess, text=with_text),
        headers={"Accept": "application/json", "Content-Type": "application/octet-stream"},
    )


def _wanted(**parameters: bool) -> dict[str, str]:
    return {name: "true" for name, is_wanted in parameters.items() if is_wanted}


def _request(memory_map: Sequence[tuple[str, str]], stack: Sequence[tuple[int, int]]) -> bytes:
    return msgspec.json.encode({"jobs": [{"memoryMap": memory_map, "stacks": [stack]}]})


def _parse_module(module: str) -> tuple[str, str]:
    name, slash, debug_id = module.rpartition("/")
    if not slash:
        raise ClientError(f"module {module!r} is not <debug file>/<debug id>")
    return name, debug_id


def _parse_offset(offset: str, number_of_modules: int) -> tuple[int, int]:
    match = _OFFSET.match(offset)
    if match is None:
        raise ClientError(f"offset {offset!r} is not 0x…, a decimal number, or <module index>:0x…")
    if match["index"] is None and number_of_modules > 1:
        raise ClientError(f"offset {offset!r}: of which module? Write its index, as in 0:{offset}")
    index = int(match["index"] or 0)
    if index >= number_of_modules:
        raise ClientError(f"offset {offset!r}: there is no module {index}, the first is 0")
    return index, int(match["hex"], 16) if match["hex"] else int(match["decimal"])
