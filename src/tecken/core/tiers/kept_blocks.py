# SPDX-License-Identifier: MPL-2.0

"""The blocks that a node has of a remote object: a sparse file, each block at its own offset.

Nothing says which blocks are there. One that is not is zeros, and each that is is verified by the
index when it is read; so several processes may write at the same time, and a crash in the middle
leaves at worst a block that is fetched again.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from tecken.core.storage.byte_ranges import Range


class KeptBlocks:
    """A file that may not exist, and may vanish at any time. Where it cannot be used nothing is kept.

    ``used`` is called before anything is read or written, ``grown`` after something was written.
    """

    def __init__(self, path: Path, used: Callable[[], None], grown: Callable[[], None]) -> None:
        self._path = path
        self._used = used
        self._grown = grown

    def read(self, ranges: Sequence[Range]) -> list[bytes]:
        """Return what there is of each range; what is not kept is missing at the end, or zeros."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return [b""] * len(ranges)
        try:
            self._used()
            return [os.pread(descriptor, end - start, start) for start, end in ranges]
        except OSError:
            return [b""] * len(ranges)
        finally:
            os.close(descriptor)

    def keep(self, chunks: Iterable[tuple[int, bytes]]) -> None:
        """Write bytes at their offsets."""
        with suppress(OSError):
            self._used()
            flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
            descriptor = os.open(self._path, flags, 0o600)
            try:
                for start, data in chunks:
                    os.pwrite(descriptor, data, start)
            finally:
                os.close(descriptor)
            self._grown()
