# SPDX-License-Identifier: MPL-2.0

"""How much processor time and memory the lookups of one request may take.

Both are counted while the lookups run: a symbol file may be made so that a few addresses cost minutes
or gigabytes, and nobody knows before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from threading import Lock
from time import thread_time

from tecken.core.errors import LimitExceededError

# What lookups may parse and keep for later ones before they drop it again: half of what a process
# keeps between requests by default.
_MAX_KEPT_BYTES = 64 * 1024 * 1024
# Text that is parsed before the time is looked at: that costs as much as to parse 100 bytes, and this takes
# some 10 ms.
_UNCHECKED_BYTES = 128 * 1024


class LookupLimits:
    """What the lookups of a request may take, in all threads together.

    ``max_seconds`` of processor time. Finding tables and waiting for storage is not counted: a request
    that had to wait for that is not too large, and the next time much of it is there. ``max_bytes`` of
    what is found, which must stay in memory until the answer is written.
    """

    def __init__(self, max_seconds: float = inf, max_bytes: float = inf) -> None:
        self._max_seconds = max_seconds
        self._max_bytes = max_bytes
        self._seconds = 0.0
        self._found_bytes = 0
        self._kept_bytes = 0
        self._lock = Lock()

    @contextmanager
    def counted(self) -> Iterator["Meter"]:
        """Count what this thread does. Raises LimitExceededError when the time is over already."""
        meter = Meter(self)
        meter.check()
        try:
            yield meter
        finally:
            meter.note_time()

    def take_seconds(self, seconds: float) -> None:
        """Count processor time that was taken."""
        with self._lock:
            self._seconds += seconds

    def check_seconds(self) -> None:
        """Raises LimitExceededError when more time was taken than is allowed."""
        if self._seconds > self._max_seconds:
            raise LimitExceededError(
                f"The lookups take longer than {self._max_seconds:g} seconds:"
                " ask for fewer frames at once"
            )

    def take_bytes(self, size: int) -> None:
        """Count bytes that the answer needs. Raises LimitExceededError when they are too many."""
        with self._lock:
            self._found_bytes += size
        if self._found_bytes > self._max_bytes:
            raise answer_too_large(self._max_bytes)

    def keep_bytes(self, size: int) -> None:
        """Count bytes that a table keeps for later lookups; fewer than 0 when it has dropped them."""
        with self._lock:
            self._kept_bytes += size

    @property
    def keeps_too_much(self) -> bool:
        """Whether tables should drop what they have kept for this request."""
        return self._kept_bytes > _MAX_KEPT_BYTES


class Meter:
    """Counts what one thread does for a request; whatever takes long calls ``check`` now and then."""

    __slots__ = ("_counted_until", "_unchecked_bytes", "limits")

    def __init__(self, limits: LookupLimits) -> None:
        self.limits = limits
        self._unchecked_bytes = 0
        self._counted_until = thread_time()

    def note_time(self) -> None:
        """Count the processor time since this was called before."""
        now = thread_time()
        self.limits.take_seconds(now - self._counted_until)
        self._counted_until = now

    def check(self) -> None:
        """Raises LimitExceededError when the request has taken more time than is allowed."""
        self.note_time()
        self.limits.check_seconds()

    def check_text(self, size: int) -> None:
        """Do so when so much text was parsed since it was done before that it may have taken long."""
        self._unchecked_bytes += size
        if self._unchecked_bytes > _UNCHECKED_BYTES:
            self._unchecked_bytes = 0
            self.check()


def answer_too_large(max_bytes: float) -> LimitExceededError:
    """Return the error of an answer with more bytes than are allowed."""
    return LimitExceededError(
        f"The answer would have too many bytes; at most {max_bytes:,} are allowed:"
        " ask for fewer frames at once"
    )


def unlimited() -> Meter:
    """Return a meter that only counts, for who looks up something of his own."""
    return Meter(LookupLimits())
