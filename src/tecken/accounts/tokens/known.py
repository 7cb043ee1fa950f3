# SPDX-License-Identifier: MPL-2.0

"""Tokens that were checked a moment ago, so that not every download asks the database about one.

What is known of a token is believed for some seconds, in each process: so long it may work after it was
deleted, or after its owner was switched off. That it expires is seen at once.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from tecken.accounts.blocked import require_not_blocked
from tecken.accounts.tokens.services import check_token, hash_key, key_of
from tecken.core.errors import NotPermittedError

BELIEVED_SECONDS = 5.0
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    """Whose token it is, or why it is refused."""

    until: float
    user_id: int = 0
    expires_at: datetime | None = None
    refusal: str = ""


class KnownTokens:
    """What is known of tokens in this process. Safe to use from threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def user_id(self, text: str) -> int:
        """Return whose token a header is. Raises NotPermittedError that says why it is none."""
        name = hash_key(key_of(text))
        known = self._known.get(name)
        if known is None or known.until < self._clock() or _has_expired(known):
            known = self._checked(text)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[name] = known
        if known.refusal:
            raise NotPermittedError(known.refusal)
        return known.user_id

    def forget(self) -> None:
        """Believe nothing any more."""
        self._known.clear()

    def _checked(self, text: str) -> _Known:
        until = self._clock() + BELIEVED_SECONDS
        try:
            token = check_token(text)
            require_not_blocked(token.user)
        except NotPermittedError as error:
            return _Known(until, refusal=str(error))
        return _Known(until, token.user_id, token.expires_at)


def _has_expired(known: _Known) -> bool:
    return known.expires_at is not None and known.expires_at <= timezone.now()


known_tokens = KnownTokens()
