# SPDX-License-Identifier: MPL-2.0

"""How far a process has come with its share of the units: a file beside what it writes."""

import struct
import time
from contextlib import suppress
from pathlib import Path

_NAME = "progress"
_NUMBERS = struct.Struct("<QQ")
_WRITE_SECONDS = 0.5


class ShareProgress:
    """Notes how many of the ``total`` bytes of units were begun."""

    def __init__(self, folder: Path, total: int) -> None:
        self._path = folder / _NAME
        self._total = total
        self._done = 0
        self._next = 0.0

    def note(self, size: int) -> None:
        """Note that a unit of so many bytes is begun, and write it down twice a second."""
        if time.monotonic() >= self._next:
            self._path.write_bytes(_NUMBERS.pack(self._done, self._total))
            self._next = time.monotonic() + _WRITE_SECONDS
        self._done += size


def share_progress(folder: Path) -> tuple[int, int]:
    """Return how many bytes of units a share has behind it, and of how many; zeros where that is not known."""
    with suppress(OSError, struct.error):
        done, total = _NUMBERS.unpack((folder / _NAME).read_bytes())
        return done, total
    return 0, 0
