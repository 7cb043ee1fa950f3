# SPDX-License-Identifier: MPL-2.0

"""Which misses are written down already: in this process, and by the shared cache in the others."""

from collections.abc import Iterable

from django.core.cache import BaseCache

_SHARED_SECONDS = 24 * 3600  # a token is of one day
MAX_TOKENS = 100_000  # about 10 MB, and as much again of those before


class KnownMisses:
    """Tokens of misses. One that is forgotten costs a write that changes nothing.

    When there are too many, those that were added longest ago go.
    """

    def __init__(self, cache: BaseCache, max_tokens: int = MAX_TOKENS) -> None:
        self._cache = cache
        self._max_tokens = max_tokens
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()

    def has(self, token: bytes) -> bool:
        """Say whether this process, or another one, has written a miss down."""
        if token in self._young or token in self._old:
            return True
        if self._cache.get(_cache_key(token)) is None:
            return False
        self.add(token)
        return True

    def add(self, token: bytes) -> None:
        """Remember a miss in this process."""
        if len(self._young) >= self._max_tokens:
            self._old, self._young = self._young, set()
        self._young.add(token)

    def share(self, tokens: Iterable[bytes]) -> None:
        """Tell the other processes of misses that are in the database."""
        self._cache.set_many({_cache_key(token): 1 for token in tokens}, _SHARED_SECONDS)


def _cache_key(token: bytes) -> str:
    return f"missing:{token.hex()}"
