# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""How often something may happen in a minute, counted in the default cache for all nodes.

A cache that keeps nothing counts nothing: these limits spare the server, they guard no secret.
"""

import time
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True, slots=True)
class PerMinute:
    """A limit for things of one name."""

    name: str
    limit: int

    def note(self) -> bool:
        """Count one more, and say whether it is within the limit."""
        key = self._key()
        cache.add(key, 0, 120)
        try:
            return cache.incr(key) <= self.limit
        except (ValueError, TypeError):  # it is gone, or the cache keeps nothing
            return True

    def is_reached(self) -> bool:
        """Say whether one more would be too many."""
        return (cache.get(self._key()) or 0) >= self.limit

    def _key(self) -> str:
        return f"per-minute:{self.name}:{int(time.time()) // 60}"
