# SPDX-License-Identifier: MPL-2.0

"""What finds the originals of ids in this process, for downloads and for symbolication."""

from functools import lru_cache

from tecken.core.locating.locator import Locator
from tecken.core.locating.originals import Originals
from tecken.web.locator import locator


def originals() -> Originals:
    """Return what tells where the original of an id is."""
    return _of(locator())


@lru_cache(maxsize=4)
def _of(locator: Locator) -> Originals:
    return Originals(locator)
