# SPDX-License-Identifier: MPL-2.0

"""A weighted semaphore: work of different weights, of which only so much is done at the same time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tecken.core.errors import BusyError


class WeightedSemaphore:
    """Lets threads work while what they do together weighs at most ``most``.

    Heavier work is done one at a time, beside all else, so it makes only its own kind wait. What weighs
    nothing never waits. Who has waited for ``patience_seconds``, or would be one more than
    ``max_waiting`` that wait, gets BusyError with the sentence ``refusal``: those who wait hold threads,
    which others need.
    """

    def __init__(
        self, most: int, patience_seconds: float, refusal: str, max_waiting: int = 4
    ) -> None:
        self.most = most
        self._patience_seconds = patience_seconds
        self._refusal = refusal
        self._max_waiting = max_waiting
        self._changed = threading.Condition()
        self._weight = 0  # of all that is not heavier than ``most``
        self._has_heavy = False
        self._waiting = 0

    @contextmanager
    def carrying(self, weight: int) -> Iterator[Callable[[int], None]]:
        """Wait until there is room for this, and keep it while the block runs.

        The block gets a function that takes what it weighs from now on, if that is less; heavy work
        makes room for other heavy work when it weighs nothing any more. Raises BusyError.
        """
        self._take(weight)
        left = weight

        def lighten(to: int) -> None:
            nonlocal left
            if to < left and (to == 0 or left <= self.most):
                self._give_back(left, to)
                left = to

        try:
            yield lighten
        finally:
            lighten(0)

    def _take(self, weight: int) -> None:
        if not weight:
            return
        with self._changed:
            if not self._fits(weight):
                self._wait(weight)
            if weight > self.most:
                self._has_heavy = True
            else:
                self._weight += weight

    def _wait(self, weight: int) -> None:
        if self._waiting >= self._max_waiting:
            raise BusyError(self._refusal)
        self._waiting += 1
        try:
            if not self._changed.wait_for(lambda: self._fits(weight), self._patience_seconds):
                raise BusyError(self._refusal)
        finally:
            self._waiting -= 1

    def _give_back(self, weight: int, left: int) -> None:
        with self._changed:
            if weight > self.most:
                self._has_heavy = False
            else:
                self._weight -= weight - left
            self._changed.notify_all()

    def _fits(self, weight: int) -> bool:
        if weight > self.most:
            return not self._has_heavy
        return self._weight + weight <= self.most
