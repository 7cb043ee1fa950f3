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


class Trouble(NamedTuple):
    """When it was, and what was wrong."""

    at: datetime
    reason: str


def note_trouble(source: str, reason: str) -> None:
    """Remember a trouble. That this cannot be done is no further one."""
    text = f"{timezone.now().isoformat()} {reason[:_MAX_REASON]}"
    try:
        caches["default"].set(_key(source), text, _SECONDS)
    except Exception:  # noqa: BLE001 - a cache raises whatever its client does
        logger.warning("The trouble of %s cannot be kept", source)


def last_trouble(source: str) -> Trouble | None:
    """Return the last trouble of a source, None when there was none for a week."""
    kept: str | None = caches["default"].get(_key(source))
    if kept is None:
        return None
    at, _, reason = kept.partition(" ")
    return Trouble(datetime.fromisoformat(at), reason)


def _key(source: str) -> str:
    return f"tecken:upstreams:trouble:{source}"
