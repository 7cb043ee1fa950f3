# SPDX-License-Identifier: MPL-2.0

"""Signed URLs that are handed out for some minutes: signing one takes a millisecond."""

import time
from collections.abc import Callable

_SHARE = 12  # of the time for which a URL can be used, it is handed out again for one part
_MOST = 5_000  # of half a kilobyte or so


class KeptUrls:
    """The URLs of a bucket's objects by their keys; ``make`` makes one that can be used for so long."""

    def __init__(
        self,
        make: Callable[[str], str],
        url_seconds: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._kept_seconds = url_seconds / _SHARE
        self._clock = clock
        self._kept: dict[str, tuple[float, str]] = {}

    def of(self, key: str) -> str:
        """Return an object's URL, which was made some minutes ago at most."""
        now = self._clock()
        made, url = self._kept.get(key, (0.0, ""))
        if not url or now - made > self._kept_seconds:
            url = self._make(key)
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[key] = now, url
        return url
