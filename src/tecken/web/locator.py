# SPDX-License-Identifier: MPL-2.0

"""The locator of this process, for downloads and for symbolication."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.cache import caches

from tecken.core.locating.facts import FactsInRedis, SharedFacts
from tecken.core.locating.generations import RedisGenerations
from tecken.core.locating.locator import Fallback, Locator
from tecken.web.generations import generations
from tecken.web.redis import redis_of

_fallbacks: list[Fallback] = []


def fall_back_on(fallback: Fallback) -> None:
    """Have somebody asked who knows of symbols that no source has; called when the applications start."""
    _fallbacks[:] = [fallback]


def locator() -> Locator:
    """Return what tells where symbol keys are."""
    return _open(settings.CACHES["default"]["LOCATION"], settings.DATA_DIR)


@lru_cache(maxsize=4)
def _open(_default_cache: str, data_dir: Path) -> Locator:
    shared, redis = generations(), redis_of("default")
    facts = (
        FactsInRedis(shared, redis)
        if redis and isinstance(shared, RedisGenerations)
        else SharedFacts(shared, caches["default"])
    )
    folder = data_dir / "cache" / "locating"
    return Locator(facts, folder, fallback=next(iter(_fallbacks), None))
