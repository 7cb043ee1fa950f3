# SPDX-License-Identifier: MPL-2.0

"""Symbol files, and an archive, that cost far more to read than to send."""

import io
import zipfile
from dataclasses import dataclass

FUNCTION_START = 0x1000
LINES = 4_000  # of a byte each, so that each address is another one
NESTED_CALLS = 10_000
_LINES = "".join(f"{FUNCTION_START + at:x} 1 {at + 1} 0\n" for at in range(LINES))
_EQUAL_RANGES = "INLINE 0 7 0 0 1000 f000\n" * 150_000
_NESTED_CALLS = "".join(f"INLINE {level} 7 0 0 1000 f000\n" for level in range(NESTED_CALLS))
_ZERO_MEMBERS = 60
_ZERO_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class CostlyModule:
    """A module whose only function has very many inlined calls."""

    debug_file: str
    debug_id: str
    inlines: str

    @property
    def member(self) -> dict[str, str]:
        """Its symbol file: path in an archive -> text."""
        head = f"MODULE Linux x86_64 {self.debug_id} {self.debug_file}\nFILE 0 a.c\n"
        function = "INLINE_ORIGIN 0 inlined\nFUNC 1000 f000 0 f\n"
        key = f"{self.debug_file}/{self.debug_id}/{self.debug_file}.sym"
        return {key: head + function + self.inlines + _LINES}

    def job(self, first: int, frames: int) -> dict[str, object]:
        """Return a job of so many frames, from line ``first`` on."""
        stack = [[0, FUNCTION_START + (first + at) % LINES] for at in range(frames)]
        return {"memoryMap": [[self.debug_file, self.debug_id]], "stacks": [stack]}


def equal_ranges(number: int = 0) -> CostlyModule:
    """A module, another one for each number, with 150,000 calls of the same range."""
    return CostlyModule("equal.so", f"A{number:032X}", _EQUAL_RANGES)


def nested_calls() -> CostlyModule:
    """A module with calls nested in calls."""
    return CostlyModule("nested.so", "B" * 33, _NESTED_CALLS)


def zeros() -> bytes:
    """An archive of a megabyte that would fill nearly one gigabyte of disk."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for number in range(_ZERO_MEMBERS):
            writer.writestr(f"zeros.dll/{number:X}0000000A000/zeros.dl_", bytes(_ZERO_BYTES))
    return archive.getvalue()
