# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Requests, archives and symbol files that cost far more to read than to send.

Each was seen to take a worker's memory or its processor for long: deep and wide JSON, archives of
zeros, functions with thousands of inlined calls.
"""

import io
import json
import zipfile
from collections.abc import Callable

_DEBUG_ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F78A{number:X}"
_ZERO_MEMBERS = 60
_ZERO_BYTES = 16 * 1024 * 1024
_RANGES = 150_000
_NESTED = 10_000


def empty_stacks() -> bytes:
    """Thirty megabytes of stacks without frames."""
    return b'{"memoryMap": [], "stacks": [' + b"[]," * 10_000_000 + b"[]]}"


def odd_frame() -> bytes:
    """Millions of frames, the last with an offset that is no integer."""
    return b'{"memoryMap": [["a.pdb", "0A"]], "stacks": [[' + b"[0,1]," * 5_000_000 + b"[0,1.5]]]}"


def deep() -> bytes:
    """Brackets within brackets."""
    return b'{"memoryMap": [], "stacks": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}"


def many_frames() -> bytes:
    """As many frames as are allowed, or nearly, of a module that is not there."""
    frames = ",".join(f"[0,{at * 16}]" for at in range(300_000))
    return f'{{"memoryMap": [["missing.pdb", "0A"]], "stacks": [[{frames}]]}}'.encode()


def _frames_of(number: int, frames: int, step: int) -> bytes:
    stack = [[0, 0x1000 + at * step] for at in range(frames)]
    memory_map = [[f"costly{number}.pdb", _DEBUG_ID.format(number=number)]]
    return json.dumps({"memoryMap": memory_map, "stacks": [stack]}).encode()


def in_equal_ranges() -> bytes:
    """Frames in the function of ``equal_ranges``."""
    return _frames_of(1, 1_000, 1)


def in_nested_calls() -> bytes:
    """Frames in the function of ``nested_calls``."""
    return _frames_of(2, 2_000, 1)


BODIES: list[Callable[[], bytes]] = [
    empty_stacks,
    odd_frame,
    deep,
    many_frames,
    in_equal_ranges,
    in_nested_calls,
]


def equal_ranges() -> dict[str, str]:
    """A symbol file whose only function has many equal INLINE ranges."""
    return _costly(1, "INLINE 0 1 0 0 1000 1000\n" * _RANGES)


def nested_calls() -> dict[str, str]:
    """A symbol file whose only function has calls nested in calls, and a line for each address."""
    calls = "".join(f"INLINE {level} 1 0 0 1000 1000\n" for level in range(_NESTED))
    lines = "".join(f"{0x1000 + at:x} 1 {at + 1} 0\n" for at in range(0x1000))
    return _costly(2, calls + lines)


def _costly(number: int, records: str) -> dict[str, str]:
    debug_id = _DEBUG_ID.format(number=number)
    text = f"MODULE windows x86_64 {debug_id} costly{number}.pdb\nFILE 0 a.cc\n"
    text += f"INLINE_ORIGIN 0 called()\nFUNC 1000 1000 0 calls()\n{records}"
    return {f"costly{number}.pdb/{debug_id}/costly{number}.sym": text}


def zeros() -> bytes:
    """An archive of nearly nothing that would fill gigabytes of disk."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for number in range(_ZERO_MEMBERS):
            debug_id = _DEBUG_ID.format(number=number + 16)
            writer.writestr(f"zeros.dll/{debug_id}/zeros.dl_", bytes(_ZERO_BYTES))
    return archive.getvalue()
