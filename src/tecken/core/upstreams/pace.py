# SPDX-License-Identifier: MPL-2.0

"""How many questions another server gets at once, and how many in a second, from all processes of a node.

Both are kept in files, by locks that are free again when their process dies. Where the folder cannot be used
nothing is held back.
"""

import fcntl
import random
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_MOMENT = struct.Struct("<d")
_FIRST_PAUSE_SECONDS = 0.005
_LONGEST_PAUSE_SECONDS = 0.05


class PaceError(Exception):
    """It would take too long until the next question may be asked."""


class Pace:
    """Holds questions back. ``folder`` is the node's, for this server alone."""

    def __init__(self, folder: Path, at_once: int, per_second: int) -> None:
        self.at_once = at_once
        self.per_second = per_second
        self._folder = folder

    @contextmanager
    def asking(self, max_wait_seconds: float) -> Iterator[None]:
        """Wait for a turn, and have it while the block runs. Raises PaceError."""
        until = time.monotonic() + max_wait_seconds
        with ExitStack() as held:
            with suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                self._take_slot(held, until)
                self._keep_rate(until)
            yield

    def pause_for_rate(self, max_wait_seconds: float) -> None:
        """Wait for one more question of a turn, such as a redirect or another path. Raises PaceError."""
        with suppress(OSError):
            self._keep_rate(time.monotonic() + max_wait_seconds)

    def _take_slot(self, held: ExitStack, until: float) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            for number in random.sample(range(self.at_once), self.at_once):
                slot = (self._folder / f"slot-{number}").open("ab")
                try:
                    fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    slot.close()
                else:
                    held.enter_context(slot)
                    return
            if time.monotonic() >= until:
                raise PaceError(f"{self.at_once} questions are under way already")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _keep_rate(self, until: float) -> None:
        """Put the moment of the next question forward, and wait for one's own: as a leaky bucket of one second."""
        with (self._folder / "rate").open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            now = time.monotonic()  # the same in all processes, until the machine starts anew
            own = max(now - 1, self._moment(file, now)) + 1 / self.per_second
            if own > until:
                raise PaceError(f"it may get {self.per_second} questions a second")
            file.seek(0)
            file.truncate()
            file.write(_MOMENT.pack(own))
        time.sleep(max(0.0, own - now))

    def _moment(self, file: BinaryIO, now: float) -> float:
        file.seek(0)
        written = file.read(_MOMENT.size)
        if len(written) != _MOMENT.size:
            return now - 1
        (moment,) = _MOMENT.unpack(written)
        is_sane: bool = now - 1 <= moment < now + 3600
        return moment if is_sane else now - 1
