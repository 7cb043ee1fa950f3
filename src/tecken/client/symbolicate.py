# SPDX-License-Identifier: MPL-2.0

"""Ask for symbols: build a v5 request from modules and offsets, or from a crash, and send it."""

import re
from collections.abc import Sequence

import msgspec

from tecken.client.crash_text import CrashFrame
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


def build_crash_request(frames: Sequence[CrashFrame]) -> bytes:
    """Build the v5 request of all frames of a crash's text, as one stack. Raises ClientError."""
    if not frames:
        raise ClientError("no line of the text is a frame of one of the modules")
    named = [(frame.module.debug_file, frame.module.debug_id) for frame in frames]
    memory_map = list(dict.fromkeys(named))
    indexes = {module: index for index, module in enumerate(memory_map)}
    stack = [(indexes[module], frame.offset) for module, frame in zip(named, frames, strict=True)]
    return _request(memory_map, stack)


def symbolicate(server: Server, request: bytes) -> bytes:
    """Send a v5 request and return the answer, both JSON. Raises ClientError."""
    return server.post(
        "/symbolicate/v5", content=request, headers={"Content-Type": "application/json"}
    )


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
