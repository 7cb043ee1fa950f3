# SPDX-License-Identifier: MPL-2.0

"""Why another symbol server could not be asked, the last time; nodes share it by the cache, which may forget it."""

import logging
from datetime import datetime
from typing import NamedTuple

from django.core.cache import caches
from django.utils import timezone

_SECONDS = 7 * 24 * 3600
_MAX_REASON = 500

logger = logging.getLogger(__name__)


class Failure(NamedTuple):
    """When it was, and what was wrong."""

    at: datetime
    reason: str


def note_failure(source: str, reason: str) -> None:
    """Remember a failure. That this cannot be done is no further one."""
    text = f"{timezone.now().isoformat()} {reason[:_MAX_REASON]}"
    try:
        caches["default"].set(_key(source), text, _SECONDS)
    except Exception:  # noqa: BLE001 - a cache raises whatever its client does
        logger.warning("The failure of %s cannot be kept", source)


def last_failure(source: str) -> Failure | None:
    """Return the last failure of a source, None when there was none for a week."""
    kept: str | None = caches["default"].get(_key(source))
    if kept is None:
        return None
    at, _, reason = kept.partition(" ")
    return Failure(datetime.fromisoformat(at), reason)


def _key(source: str) -> str:
    return f"tecken:upstreams:failure:{source}"
