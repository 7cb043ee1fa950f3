# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Work of different weights, of which only so much is done at the same time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tecken.core.errors import BusyError


class Weights:
    """Lets threads work while what they do together weighs at most ``most``; heavier work goes alone.

    Who has waited for ``patience_seconds`` gets BusyError.
    """

    def __init__(self, most: int, patience_seconds: float) -> None:
        self._most = most
        self._patience_seconds = patience_seconds
        self._changed = threading.Condition()
        self._weight = 0

    @contextmanager
    def carrying(self, weight: int) -> Iterator[Callable[[int], None]]:
        """Wait until there is room for this, and keep it while the block runs.

        The block gets a function that takes what it weighs from now on, if that is less.
        Raises BusyError.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._fits(weight), self._patience_seconds):
                raise BusyError("Too many frames are being looked up: try again later")
            self._weight += weight
        left = weight

        def lighten(to: int) -> None:
            nonlocal left
            with self._changed:
                lighter = min(to, left)
                self._weight -= left - lighter
                left = lighter
                self._changed.notify_all()

        try:
            yield lighten
        finally:
            lighten(0)

    def _fits(self, weight: int) -> bool:
        return not self._weight or self._weight + weight <= self._most
