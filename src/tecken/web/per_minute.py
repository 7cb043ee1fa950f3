# SPDX-License-Identifier: MPL-2.0

"""How often a client may do something in a minute, counted in the default cache for all nodes.

Each has a count of its own, so that nobody uses up what others may do. A cache that keeps nothing
counts nothing: these limits spare the server, they guard no secret.
"""

import time
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True, slots=True)
class PerMinute:
    """A limit for things of one name. ``client`` is whose they are, "" stands for everybody."""

    name: str
    limit: int

    def note(self, client: str) -> bool:
        """Count one more, and say whether it is within the limit."""
        key = self._key(client)
        cache.add(key, 0, 120)
        try:
            return cache.incr(key) <= self.limit
        except (ValueError, TypeError):  # it is gone, or the cache keeps nothing
            return True

    def _key(self, client: str) -> str:
        return f"per-minute:{self.name}:{client}:{int(time.time()) // 60}"
