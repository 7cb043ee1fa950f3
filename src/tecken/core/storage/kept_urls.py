# SPDX-License-Identifier: MPL-2.0

"""Signed URLs that are handed out for some minutes: signing one takes a millisecond."""

import time
from collections.abc import Callable

KEPT_SECONDS = 300
_MOST = 5_000  # of half a kilobyte or so


class KeptUrls:
    """The URLs of a bucket's objects by their keys; ``make`` makes one."""

    def __init__(
        self, make: Callable[[str], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._clock = clock
        self._kept: dict[str, tuple[float, str]] = {}

    def of(self, key: str) -> str:
        """Return an object's URL, which was made some minutes ago at most."""
        now = self._clock()
        made, url = self._kept.get(key, (0.0, ""))
        if not url or now - made > KEPT_SECONDS:
            url = self._make(key)
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[key] = now, url
        return url
