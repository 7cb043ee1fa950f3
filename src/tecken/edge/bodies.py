# SPDX-License-Identifier: MPL-2.0

"""Bodies of requests: as they arrive in the event loop, and where they lie until they are read."""

import asyncio
import os
import tempfile
import threading
from collections.abc import Callable
from typing import BinaryIO, cast

from tecken.core.errors import (
    BusyError,
    InvalidRequestError,
    RequestTimeoutError,
)
from tecken.core.tempfiles.spooling import FreeSpace, spooling
from tecken.edge.limits import RATE_AFTER_SECONDS, EdgeLimits

BATCH_BYTES = 256 * 1024  # what is written at a time
_HIGH_BYTES = 1024 * 1024  # received and not yet written: more is left in the socket
_ALWAYS_BYTES = 4 * 1024 * 1024  # what is no larger is taken however full the spool is


class ClientGoneError(Exception):
    """The connection ended before the request was answered."""


class ArrivingBody:
    """A body on its way, in the event loop. One coroutine reads it."""

    def __init__(
        self,
        length: int | None,
        limits: EdgeLimits,
        hold: Callable[[bool], None],
        clock: Callable[[], float],
    ) -> None:
        """``hold`` stops receiving and goes on with it; ``length`` is None when it is chunked."""
        self.length = length
        self._clock = clock
        self.received = 0
        self.complete = False
        self._limits = limits
        self._hold = hold
        self._waiting = bytearray()  # no list of chunks, which may have a byte each
        self._held = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self.is_dropped = False
        self._began = self.last_arrival = clock()

    def feed(self, data: bytes) -> None:
        """Take what has arrived."""
        self.received += len(data)
        self.last_arrival = self._clock()
        if self.is_dropped:
            return
        self._waiting += data
        if len(self._waiting) >= _HIGH_BYTES and not self._held:
            self._held = True
            self._hold(True)
        if len(self._waiting) >= BATCH_BYTES:
            self._wake()

    def end(self) -> None:
        """Note that all of it has arrived: what comes now is of another request."""
        self.complete = True
        self._let_go()
        self._wake()

    def fail(self, error: Exception) -> None:
        """Let reading it raise this."""
        if not self.complete and self._error is None:
            self._error = error
            self._wake()

    def drop(self) -> None:
        """Throw away what arrives from now on."""
        self.is_dropped = True
        self._waiting.clear()
        self._let_go()

    async def read(self) -> bytes:
        """Return the next chunk, a large one where there is more to come, or nothing at the end.

        Raises RequestTimeoutError, InvalidRequestError when it ends too early, ClientGoneError.
        """
        while len(self._waiting) < BATCH_BYTES and not self.complete and self._error is None:
            self._let_go()
            self.last_arrival = self._clock()
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        if self._error is not None:
            raise self._error
        data = bytes(self._waiting)
        self._waiting.clear()
        return data

    def check(self, idle_seconds: float) -> None:
        """End a body that stalls, drips or takes too long. Only waiting for the client counts."""
        if self._reader is None or self._reader.done():
            return
        now = self._clock()
        seconds = now - self._began
        if now - self.last_arrival > idle_seconds:
            self.fail(RequestTimeoutError(f"The body stalled for {idle_seconds:g} seconds"))
        elif seconds > self._limits.body_max_seconds:
            most = f"{self._limits.body_max_seconds:g}"
            self.fail(RequestTimeoutError(f"The body took longer than {most} seconds"))
        elif seconds > RATE_AFTER_SECONDS and self._is_slow(seconds):
            least = self._limits.body_min_bytes_per_second
            self.fail(RequestTimeoutError(f"The body came at less than {least} bytes a second"))

    def _is_slow(self, seconds: float) -> bool:
        return self.received < self._limits.body_min_bytes_per_second * seconds

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _let_go(self) -> None:
        if self._held:
            self._held = False
            self._hold(False)


def ended_early() -> InvalidRequestError:
    """What reading a body raises whose client stopped in the middle of it."""
    return InvalidRequestError("The body ended before its declared length or its last chunk")


class SpoolRoom:
    """How many bytes the temporary files of a worker process have, together; safe for threads."""

    def __init__(self, limits: EdgeLimits) -> None:
        self.folder = limits.spool_folder
        self._max_bytes = limits.spool_max_bytes
        self.free_space = FreeSpace(limits.spool_folder, limits.min_free_bytes, "requests")
        self._lock = threading.Lock()
        self._taken = 0

    def take(self, size: int, of_file: int) -> None:
        """Count bytes of a file that has ``of_file`` with them. Raises BusyError."""
        with self._lock:
            if of_file > _ALWAYS_BYTES and self._taken + size > self._max_bytes:
                raise BusyError("Too much is being received and sent: try again later")
            self._taken += size

    def give_back(self, size: int) -> None:
        """Count bytes no more."""
        with self._lock:
            self._taken -= size


class SpoolFile:
    """A temporary file without a name, so that nothing is left of it however the process ends."""

    def __init__(self, room: SpoolRoom) -> None:
        self._room = room
        self.size = 0
        with spooling():
            room.folder.mkdir(parents=True, exist_ok=True)
            self.file = cast(BinaryIO, tempfile.TemporaryFile(dir=room.folder, buffering=0))  # noqa: SIM115

    def write(self, data: bytes) -> None:
        """Add bytes. Raises BusyError and NoRoomError."""
        after = self.size + len(data)
        self._room.take(len(data), after)
        self.size = after
        for portion in self._room.free_space.portions(data):
            left = portion
            with spooling():
                while left:
                    left = left[self.file.write(left) :]

    def finish(self) -> None:
        """Let it be read from its start."""
        self.file.seek(0)

    def read_at(self, start: int, size: int) -> bytes:
        """Return bytes of it."""
        return os.pread(self.file.fileno(), size, start)

    def discard(self) -> None:
        """Close it, which removes it."""
        if not self.file.closed:
            self.file.close()
            self._room.give_back(self.size)
