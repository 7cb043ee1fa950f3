# SPDX-License-Identifier: MPL-2.0

"""A breaker: who did not answer is left alone for a while, instead of being waited for each time."""

import threading
import time
from collections.abc import Callable

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 30.0


class CircuitBreaker:
    """Tells whether to ask a service; whoever asked says how it went. Safe to use from threads.

    After a failure nobody asks for ``first_pause_seconds``; then one caller tries while the others
    still do not. If it fails the next pause is twice as long, up to 30 s; any success ends the pauses.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        first_pause_seconds: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self._clock = clock
        self._first_pause = first_pause_seconds
        self._lock = threading.Lock()
        self._pause = 0.0
        self._ask_again = 0.0
        self._trying = False

    def may_ask(self) -> bool:
        """Say whether the caller may ask now. It must then call ``worked``, ``failed`` or ``undecided``."""
        if not self._pause:
            return True
        with self._lock:
            now = self._clock()
            if now < self._ask_again:
                return False
            # Should this caller never report, the next one tries after another pause.
            self._ask_again = now + self._pause
            self._trying = True
            return True

    @property
    def is_pausing(self) -> bool:
        """Whether nobody asks at the moment."""
        return bool(self._pause) and self._clock() < self._ask_again

    def worked(self) -> None:
        """Note an answer."""
        if self._pause:
            with self._lock:
                self._pause = 0.0
                self._trying = False

    def undecided(self) -> None:
        """Note that what came of it says nothing of the service: the next caller may try at once."""
        if self._pause:
            with self._lock:
                if self._trying:
                    self._ask_again = self._clock()
                    self._trying = False

    def failed(self) -> float | None:
        """Note that there was no answer; return the seconds of the pause that begins now, if any.

        Others who had asked before a pause began, and fail in it, do not make it longer.
        """
        with self._lock:
            if self._pause and not self._trying:
                return None
            self._pause = min(self._pause * 2 or self._first_pause, LONGEST_PAUSE_SECONDS)
            self._ask_again = self._clock() + self._pause
            self._trying = False
            return self._pause
